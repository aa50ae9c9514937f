"""A site with two gates for the tests, and what is done there."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Sum

from diem06.core.places.models import Place, PlaceTerm
from diem06.core.roster.desk import Bearer, DeskEvent, Outcome, Source
from diem06.pilots.heritage_sites.actions.visits import carry_out_many
from diem06.pilots.heritage_sites.apps import GATE, POINT, SITE
from diem06.pilots.heritage_sites.models import Capacity, HourTally, Occupancy, Visit

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
NOON = datetime(2024, 2, 20, 12, 0, tzinfo=VIETNAM)
FIRST = date(2023, 1, 1)
UNIT = "ubnd-son-dong"
LAN = Bearer(
    number="024190012345",
    source=Source.CARD_QR,
    name="Nguyễn Thị Lan",
    birth=date(1990, 5, 2),
    sex="female",
    birth_province="024",
)
MINH = Bearer(
    number="001085054321",
    source=Source.CARD_QR,
    name="Trần Minh",
    birth=date(1985, 1, 9),
    sex="male",
    birth_province="001",
)
JOHN = Bearer(
    number="USA:512345678", source=Source.MRZ, name="DOE JOHN", birth=date(1970, 1, 1), sex="male", nationality="USA"
)


def a_place(
    kind: str,
    code: str,
    parent: Place | None = None,
    *,
    name: str = "Tây Yên Tử",
    area: str = "07616",
    unit: str = UNIT,
) -> Place:
    place = Place.objects.create(kind=kind, code=code, parent=parent, valid_from=FIRST)
    PlaceTerm.objects.create(
        place=place,
        from_day=FIRST,
        name=name,
        search_key=name.lower(),
        sort_key=name,
        area_code=area,
        area_valid_from=date(2020, 1, 1),
        unit_code=unit,
        recorded_at=NOON,
    )
    return place


def desk_event(
    act: str,
    bearer: Bearer | None,
    gate: Place,
    *,
    at: datetime = NOON,
    arrives: datetime | None = None,
    count: int = 1,
    annuls: UUID | None = None,
    event: UUID | None = None,
) -> DeskEvent:
    """Return something done at a gate at `at`; it `arrives` at once unless told otherwise."""
    return DeskEvent(
        id=event or uuid4(),
        device_code="TB-001",
        place=Place.objects.get(pk=gate.pk),
        act=act,
        occurred_at=at,
        received_at=arrives or at,
        bearer=bearer,
        count=count,
        annuls=annuls,
    )


class Gates:
    """A site with a point and two gates (`a`, `b`), held to 100 people, and somebody who scans there."""

    def __init__(self, code: str = "tay-yen-tu", *, capacity: int = 100) -> None:
        self.site = a_place(SITE, code)
        self.point = a_place(POINT, f"{code}-duoi", self.site, name="Chùa Hạ")
        self.a = a_place(GATE, f"{code}-a", self.point, name="Cổng A")
        self.b = a_place(GATE, f"{code}-b", self.site, name="Cổng B")
        Capacity.objects.create(place=self.site, from_day=FIRST, declared=capacity, document="12/QĐ", recorded_at=NOON)

    def do(
        self,
        act: str,
        bearer: Bearer | None = None,
        *,
        at: datetime = NOON,
        gate: Place | None = None,
        arrives: datetime | None = None,
        count: int = 1,
        annuls: UUID | None = None,
        event: UUID | None = None,
    ) -> Outcome:
        """Do something at gate `a` at `at`; it `arrives` at once unless told otherwise."""
        one = desk_event(act, bearer, gate or self.a, at=at, arrives=arrives, count=count, annuls=annuls, event=event)
        with transaction.atomic():
            (outcome,) = carry_out_many([one])
        return outcome

    def row(self, place: Place | None = None) -> Occupancy:
        return Occupancy.objects.get(place=place or self.site)

    @property
    def inside(self) -> int:
        return self.row().inside

    def tallied(self) -> dict[str, int]:
        names = ("scanned_in", "counted_in", "scanned_out", "counted_out")
        sums: dict[str, Any] = HourTally.objects.aggregate(**{name: Sum(name, default=0) for name in names})
        return {name: sums[name] for name in names if sums[name]}

    def visit(self) -> Visit:
        return Visit.objects.get()


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def hours(count: int) -> timedelta:
    return timedelta(hours=count)
