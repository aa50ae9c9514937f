"""A gate with a toy service, and devices that stand there."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError
from django.db.models import Sum
from django.test import Client
from django.utils.translation import gettext_lazy as _

from diem06.core.places.models import Place, PlaceTerm
from diem06.core.roster.desk import Act, Ask, DeskService, DeskStatus, Outcome, State
from diem06.desk import actions, services
from tests.device import Key
from tests.toy.models import ToyFact

NOW = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
UNIT = "ubnd-son-dong"


def carry_out_many(events):
    """Keep one fact for each event; an annulled one is taken back by a fact of the opposite sign."""
    return [carry_out(event) for event in events]


def carry_out(event):
    if event.act == "break":
        raise ZeroDivisionError("a fault of the pilot")
    if event.act == "break_database":
        raise DatabaseError("a fault of the pilot's SQL")
    sign = -1 if event.act == "leave" else 1
    if event.annuls is not None:
        sign = -sign
    again = event.bearer is not None and ToyFact.objects.filter(entity=event.bearer.number).exists()
    row = ToyFact.objects.create(
        measure="toy",
        source="toy",
        day=event.occurred_at.date(),
        recorded_at=event.received_at,
        area="219",
        area_valid_from=date(2020, 1, 1),
        unit=UNIT,
        entity=event.bearer.number if event.bearer else "",
        value=sign * event.count,
        record=str(event.id),
    )
    return Outcome(
        state=State.CONFLICT if again else State.ACCEPTED, code="seen_before" if again else "", record=f"toy:{row.pk}"
    )


def status(place, at):
    return DeskStatus(inside=ToyFact.objects.aggregate(n=Sum("value"))["n"] or 0, capacity=600, alarm=0)


def _act(code, key, **more):
    return Act(code=code, title=_("Vào"), icon="login", key=key, **more)


SERVICE = DeskService(
    kinds=("toy_gate",),
    acts=(
        _act("enter", "v", asks=(Ask.BEARER, Ask.COUNT), is_default=True),
        _act("leave", "r", asks=(Ask.BEARER, Ask.COUNT)),
        _act("card_only", "c", asks=(Ask.BEARER,), needs=(Ask.BEARER,)),
        _act("break", "b"),
        _act("break_database", "d"),
    ),
    words={"seen_before": _("Đã nhận")},
    carry_out_many=carry_out_many,
    status=status,
)


@pytest.fixture(autouse=True)
def _toy_service(monkeypatch, settings):
    """Devices work for the toy service alone, at one moment."""
    monkeypatch.setattr(services, "installed_services", lambda: iter([SERVICE]))
    services.services_by_kind.cache_clear()
    settings.DIEM06_CLOCK = lambda: NOW
    actions.forget()
    yield
    services.services_by_kind.cache_clear()


@pytest.fixture
def make_gate(db):
    def make(code="tay-yen-tu", name="Cổng chính", unit=UNIT, **fields):
        place = Place.objects.create(kind="toy_gate", code=code, valid_from=date(2020, 1, 1), **fields)
        PlaceTerm.objects.create(
            place=place,
            from_day=date(2020, 1, 1),
            name=name,
            search_key=name.lower(),
            sort_key=name,
            area_code="219",
            area_valid_from=date(2020, 1, 1),
            unit_code=unit,
            recorded_at=NOW,
        )
        return place

    return make


@pytest.fixture
def gate(make_gate):
    return make_gate()


class Desk:
    """A device in the hands of a test: it signs, and its clock may be off."""

    def __init__(self, device, key, *, clock=timedelta()):
        self.device, self.key, self.clock = device, key, clock
        self.client = Client(enforce_csrf_checks=True)

    def call(self, method, path, body=None, **headers):
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        signed = self.key.headers(self.device.code, method, path, content, at=NOW + self.clock)
        return self.client.generic(
            method, path, content, content_type="application/json", headers={**signed, **headers}
        )

    def put(self, event, **headers):
        return self.call("PUT", f"/desk/api/events/{event['id']}/", event, **headers)

    def post(self, *events, queue=None):
        return self.call("POST", "/desk/api/events/", {"queue": queue or {}, "events": list(events)})


@pytest.fixture
def make_desk(gate):
    def make(place=None, **fields):
        key = Key()
        device = actions.add_device(place=place or gate, key=key.public, name="Máy thử", at=NOW, by=None)
        return Desk(device, key, **fields)

    return make


@pytest.fixture
def desk(make_desk):
    return make_desk()
