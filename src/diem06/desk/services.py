"""Which pilot's service a device works for, and what a device is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from diem06.core.places.models import Place
from diem06.core.roster.desk import Act, DeskService, DeskStatus, installed_services
from diem06.core.ui.languages import in_each_language
from diem06.desk.times import milliseconds
from diem06.desk.words import WORDS


class NoServiceError(LookupError):
    """No installed pilot works at places of this kind: a device keeps what it has until one does."""


@lru_cache(maxsize=1)
def services_by_kind() -> Mapping[str, DeskService]:
    """Return the services of the installed pilots by kind of place; they are fixed while the process runs."""
    return {kind: service for service in installed_services() for kind in service.kinds}


def service_at(place: Place) -> DeskService:
    """Return the service for devices at this place. Raises NoServiceError."""
    try:
        return services_by_kind()[place.kind]
    except KeyError:
        raise NoServiceError(place.kind) from None


def acts_told(service: DeskService) -> list[dict[str, Any]]:
    """Return the acts as a device is told of them, in the order of the service."""
    return [_told(act) for act in service.acts]


def _told(act: Act) -> dict[str, Any]:
    return {
        "code": act.code,
        "title": in_each_language(act.title),
        "icon": act.icon,
        "key": act.key,
        "asks": [str(ask) for ask in act.asks],
        "needs": [str(ask) for ask in act.needs],
        "is_default": act.is_default,
    }


def words_told(service: DeskService) -> dict[str, dict[str, str]]:
    """Return what a device says to each code, in each language: the desk's own words, and the service's before them."""
    return {code: in_each_language(words) for code, words in {**WORDS, **service.words}.items()}


def status_told(status: DeskStatus, *, at: datetime) -> dict[str, Any]:
    """Return the state of a place as a device is told of it."""
    return {
        "inside": status.inside,
        "capacity": status.capacity,
        "alarm": status.alarm,
        "place_name": status.place_name,
        "at": milliseconds(at),
    }
