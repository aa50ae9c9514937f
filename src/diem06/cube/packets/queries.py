"""Packets that were loaded, keys that are trusted, and what is known when another packet comes."""

from __future__ import annotations

from functools import lru_cache

from django.db.models import QuerySet

from diem06.core.evidence import store
from diem06.cube.models import Packet, TrustedKey
from diem06.cube.packets import form
from diem06.cube.packets.checking import Known
from diem06.cube.packets.content import Content


def packets(period: str = "") -> QuerySet[Packet]:
    """Return the packets that count, of one period or all: the newest period first, then by province."""
    found = Packet.objects.filter(is_replaced=False).select_related("loaded_by", "replaces")
    return found.filter(period=period) if period else found


def periods() -> list[str]:
    """Return the periods of which packets were loaded, the newest first."""
    return list(Packet.objects.order_by("-period").values_list("period", flat=True).distinct())


def packet(province: str, period: str) -> Packet | None:
    """Return the packet of a province and period that counts."""
    return packets(period).filter(province=province).first()


def trusted_keys(province: str = "") -> QuerySet[TrustedKey]:
    """Return the trusted keys, of one province or all."""
    found = TrustedKey.objects.select_related("trusted_by")
    return found.filter(province=province) if province else found


def content_of(row: Packet) -> Content:
    """Read a loaded packet. Raises DamagedFileError where its file is gone or changed."""
    return _content(row.sha256)


@lru_cache(maxsize=4)
def _content(sha256: str) -> Content:
    return form.content_of(form.opened(store.read(sha256)))


def known_beside(opened: form.Packet, *, may_replace: bool) -> Known:
    """Return what is known of the period of a packet that is being loaded."""
    about = opened.about
    others = list(packets(about.period).exclude(province=about.province))
    mine = packet(about.province, about.period)
    trusted = frozenset(trusted_keys(about.province).values_list("public_key", flat=True))
    return Known(
        keys=trusted,
        definitions=content_of(others[0]).definitions if others else None,
        first_day=others[0].first_day if others else None,
        last_day=others[0].last_day if others else None,
        areas={area: row.province for row in others for area in row.areas},
        loaded=mine.sha256 if mine else "",
        may_replace=may_replace,
    )
