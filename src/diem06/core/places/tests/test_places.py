"""Places over time: terms, ends, base lists, hours, and who reaches which."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from diem06.core.access import Grant, Role, Subject
from diem06.core.areas.queries import areas_on
from diem06.core.audit.models import Entry
from diem06.core.places import actions, queries
from diem06.core.places.actions import Opening, PlaceError, TermValues
from diem06.core.places.models import Place
from diem06.core.plans.queries import Loaded, loaded_plan
from tests.prepared import real_plan

FIRST = date(2023, 6, 15)
AT = datetime(2023, 7, 13, 16, 40, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
MEASURES = ("heritage_sites",)


@pytest.fixture(scope="module")
def made(prepared: Callable[..., Any]) -> Loaded:
    return real_plan(prepared, at=AT)


@pytest.fixture(autouse=True)
def _plan(made: Loaded, db: None) -> None:
    """The real areas and units."""


def commune(name: str) -> str:
    return next(area.code for area in areas_on(FIRST) if area.name == name)


def term(name: str = "Đền Thử", area: str = "", unit: str = "so-vhttdl") -> TermValues:
    return TermValues(name=name, area=area or commune("Xã Trí Yên"), unit=unit)


def place(
    code: str = "thu", *, parent: Place | None = None, kind: str = "toy", values: TermValues | None = None
) -> Place:
    return actions.add_place(
        kind=kind, code=code, parent=parent, from_day=FIRST, values=values or term(), at=AT, by=None
    )


def adopted(places: list[Place], *, from_day: date = FIRST, signed_on: date = FIRST) -> Any:
    return actions.adopt_base_list(
        plan_id="p",
        scope_list="toys",
        number="1/QĐ",
        signed_on=signed_on,
        from_day=from_day,
        title="Danh mục",
        places=places,
        content=None,
        file_name="",
        at=AT,
        by=None,
    )


def test_each_day_has_the_term_that_held_then() -> None:
    here = place()
    actions.change_place(place=here, from_day=date(2023, 7, 1), values=term("Đền Mới"), at=AT, by=None)

    assert queries.place_on(here, date(2023, 6, 30)).name == "Đền Thử"
    assert queries.place_on(here, date(2023, 7, 1)).name == "Đền Mới"
    assert queries.place_on(here, date(2023, 1, 1)).name == "Đền Thử"  # before it was there: its first name


def test_every_write_leaves_an_entry_in_the_trail() -> None:
    here = place()
    actions.change_place(place=here, from_day=date(2023, 7, 1), values=term("Đền Mới"), at=AT, by=None)
    actions.close_place(place=here, valid_to=date(2023, 7, 10), reason="Hết", at=AT, by=None)

    trail = Entry.objects.filter(object_id="toy:thu").order_by("pk").values_list("action", flat=True)
    assert list(trail) == ["place.add", "place.change", "place.close"]


def test_place_lies_in_what_its_commune_became() -> None:
    here = place()

    found = queries.places_on(date(2025, 7, 14), ids=[here.pk])[0]
    assert queries.names_of_areas([found], date(2025, 7, 14))[here.pk] == "Phường Tân An"


@pytest.mark.parametrize("code", ["Đền", "den--thu", "-den", "den_thu", "a" * 33, ""])
def test_code_that_could_not_stand_in_an_address_is_refused(code: str) -> None:
    with pytest.raises(PlaceError):
        place(code)


def test_same_code_twice_unknown_area_and_unit_are_refused() -> None:
    place()
    with pytest.raises(PlaceError):
        place()
    for values in (term(area="99999"), term(unit="khong-co"), term(name=" ")):
        with pytest.raises(PlaceError):
            place("khac", values=values)


def test_end_of_a_place_ends_what_lies_in_it() -> None:
    site = place()
    gate = place("cong", parent=site)
    actions.close_place(place=site, valid_to=date(2023, 7, 10), reason="Hết", at=AT, by=None)

    gate.refresh_from_db()
    assert gate.valid_to == date(2023, 7, 10)
    assert queries.places_on(date(2023, 7, 10), kinds=("toy",)) == []
    assert len(queries.places_on(date(2023, 7, 9), kinds=("toy",))) == 2
    with pytest.raises(PlaceError):
        actions.change_place(place=site, from_day=date(2023, 7, 11), values=term(), at=AT, by=None)


def test_path_leads_from_the_widest_place() -> None:
    gate = place("c", parent=place("b", parent=place("a")))

    found = queries.place_of("toy", "c")
    assert found == gate
    assert [one.code for one in queries.path_of(gate)] == ["a", "b"]


def test_base_list_holds_until_the_next_one() -> None:
    first, second = place("a"), place("b")
    adopted([first])
    adopted([second, first], from_day=date(2023, 8, 1))

    def on(day: date) -> list[int]:
        return queries.listed_in(queries.base_list_on("p", "toys", day))

    assert on(date(2023, 6, 14)) == []
    assert on(date(2023, 7, 31)) == [first.pk]
    assert on(date(2023, 8, 1)) == [second.pk, first.pk]
    changes = queries.compared(on(date(2023, 8, 1)), on(FIRST))
    assert (changes.added, changes.removed, changes.kept) == ((second.pk,), (), 1)


def test_list_signed_after_it_is_in_force_empty_or_twice_from_a_day_is_refused() -> None:
    here = place()
    adopted([here])
    with pytest.raises(PlaceError):
        adopted([here], from_day=date(2023, 8, 1), signed_on=date(2023, 8, 2))
    with pytest.raises(PlaceError):
        adopted([], from_day=date(2023, 8, 1))
    with pytest.raises(PlaceError):
        adopted([here])


def test_newest_list_is_taken_back_with_a_reason_and_its_day_is_free_again() -> None:
    first, second = place("a"), place("b")
    adopted([first])
    mistaken = adopted([second], from_day=date(2023, 8, 1))
    older = queries.base_lists("p", "toys")[1]

    for row, reason in ((older, "Nhầm"), (mistaken, " ")):
        with pytest.raises(PlaceError):
            actions.take_back_base_list(row=row, reason=reason, at=AT, by=None)
    actions.take_back_base_list(row=mistaken, reason="Chọn nhầm", at=AT, by=None)

    assert queries.base_list_on("p", "toys", date(2023, 8, 2)) == older
    assert [one.withdraw_reason for one in queries.lists_taken_back("p", "toys")] == ["Chọn nhầm"]
    assert Entry.objects.get(action="base_list.take_back").details["places"] == 1
    with pytest.raises(PlaceError):
        actions.take_back_base_list(row=mistaken, reason="Lại", at=AT, by=None)
    adopted([first, second], from_day=date(2023, 8, 1))


def test_hours_of_a_later_day_replace_the_week_and_overlapping_ones_are_refused() -> None:
    here = place()

    def opening(first: int, last: int) -> Opening:
        return Opening(weekday=0, opens=time(first), closes=time(last))

    assert queries.hours_on(here, FIRST) is None
    actions.set_hours(place=here, from_day=FIRST, openings=[opening(7, 11), opening(13, 17)], at=AT, by=None)
    actions.set_hours(place=here, from_day=date(2023, 8, 1), openings=[opening(8, 16)], at=AT, by=None)
    weeks = [queries.hours_on(here, day) for day in (FIRST, date(2023, 8, 1))]

    assert [[len(week[0]), len(week[1])] for week in weeks if week] == [[2, 0], [1, 0]]
    with pytest.raises(PlaceError):
        actions.set_hours(place=here, from_day=FIRST, openings=[opening(7, 12), opening(11, 17)], at=AT, by=None)


def test_who_reaches_which_place() -> None:
    here = queries.place_on(place(values=term(unit="so-y-te")), FIRST)
    plan = loaded_plan().plan

    def sees(role: Role, unit: str) -> bool:
        subject = Subject(1, "", frozenset({Grant(role, unit)}))
        return queries.reach_to_see(subject, measures=MEASURES, plan=plan, on=FIRST).covers(here)

    assert sees(Role.AUDITOR, "cong-an-tinh")
    assert sees(Role.UNIT_REPORTER, "so-vhttdl")  # owes the measure
    assert sees(Role.UNIT_REPORTER, "so-y-te")  # answers for the place
    assert sees(Role.UNIT_REPORTER, "ubnd-yen-dung")  # it lies there
    assert not sees(Role.UNIT_REPORTER, "ubnd-viet-yen")
    assert not sees(Role.UNIT_REPORTER, "so-noi-vu")  # the area of a department is the province: that gives nothing


def test_database_refuses_a_place_that_ends_before_it_begins_and_one_in_itself() -> None:
    here = place()
    for changes in ({"valid_to": FIRST}, {"parent": here}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Place.objects.filter(pk=here.pk).update(**changes)
