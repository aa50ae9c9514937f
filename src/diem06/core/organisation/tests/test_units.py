"""Units over time."""

from dataclasses import replace
from datetime import date

import pytest

from diem06.core.audit.models import Entry
from diem06.core.organisation import queries
from diem06.core.organisation.actions import OrganisationError, load_units
from diem06.core.organisation.models import Unit, UnitName
from diem06.core.organisation.queries import successor_of, units_on
from diem06.core.organisation.tests.small_plan import UNITS, make_plan, unit

JULY_2023, AFTER_VIET_YEN, MARCH_2025, JULY_2025 = (
    date(2023, 7, 14),
    date(2024, 2, 14),
    date(2025, 3, 14),
    date(2025, 7, 14),
)


def test_units_of_a_day_are_those_whose_days_hold_it(units):
    """`valid_to` is the last day: on the next one the successor is there."""
    assert "ubnd-viet-yen" in units_on(date(2024, 1, 31))
    assert "ubnd-viet-yen" not in units_on(date(2024, 2, 1))
    assert "ubnd-tx-viet-yen" not in units_on(date(2024, 1, 31))
    assert "ubnd-tx-viet-yen" in units_on(date(2024, 2, 1))


def test_a_unit_has_the_name_of_the_day(units):
    assert units_on(date(2025, 2, 28))["so-tai-chinh"].name == "Sở Tài chính"
    assert units_on(date(2025, 3, 1))["so-tai-chinh"].short == "STC mới"


def test_units_stand_in_the_order_of_the_plan(units):
    assert list(units_on(JULY_2023))[:4] == ["ubnd-tinh", "so-khdt", "so-tai-chinh", "ubnd-viet-yen"]


@pytest.mark.parametrize(
    ("day", "prefix", "count"),
    [
        (JULY_2023, "ubnd-", 209),
        (AFTER_VIET_YEN, "ubnd-", 209),
        # Not the 121 communes of old Bắc Ninh, which the area list knows from 2025 on.
        (MARCH_2025, "ubnd-", 192),
        (JULY_2025, "bn-ubnd-", 99),
    ],
)
def test_each_commune_of_the_day_has_a_committee(units, day, prefix, count):
    committees = [each for each in units_on(day).values() if each.kind == "commune_committee"]

    assert len(committees) == count
    assert all(each.code == f"{prefix}{each.area}" for each in committees)


def test_the_committee_of_a_commune_is_made_from_its_rule_and_its_area(units):
    """07774 is a commune of the district until it becomes a ward of the town."""
    before, after = units_on(JULY_2023)["ubnd-07774"], units_on(AFTER_VIET_YEN)["ubnd-07774"]

    assert before.name.startswith("Ủy ban nhân dân xã ")
    assert after.name == before.name.replace(" xã ", " phường ")
    assert after.header == ("ỦY BAN NHÂN DÂN", after.name.removeprefix("Ủy ban nhân dân ").upper())
    assert before.name_en.endswith(" Commune")
    assert after.name_en.endswith(" Ward")
    assert (before.key, before.parent) == ("xa-07774", "ubnd-viet-yen")
    assert after.parent == "ubnd-tx-viet-yen"
    assert (before.valid_from, before.valid_to) == (date(2023, 4, 10), date(2024, 1, 31))
    assert units_on(JULY_2025)["bn-ubnd-07663"].parent == "bn-ubnd"


def test_keys_fit_a_figure_key(units):
    assert max(len(each.key) for day in (JULY_2023, JULY_2025) for each in units_on(day).values()) <= 12


@pytest.mark.parametrize(
    ("code", "on", "successor"),
    [
        ("so-khdt", JULY_2023, "so-khdt"),
        ("so-khdt", MARCH_2025, "so-tai-chinh"),
        ("ubnd-viet-yen", AFTER_VIET_YEN, "ubnd-tx-viet-yen"),
        ("ubnd-tinh", JULY_2025, "bn-ubnd"),
        # Not there yet: nobody has taken over from it.
        ("ubnd-tx-viet-yen", JULY_2023, ""),
        # Its work went to many communes: no one unit took over.
        ("ubnd-viet-yen", JULY_2025, ""),
        ("ubnd-07774", AFTER_VIET_YEN, "ubnd-07774"),
        ("ubnd-07663", JULY_2025, "bn-ubnd-07663"),
        # Divided: the larger part of its people stayed in 07549.
        ("ubnd-07549", MARCH_2025, "ubnd-07549"),
        ("no-such-unit", JULY_2023, ""),
    ],
)
def test_successors(units, code, on, successor):
    assert successor_of(code, on) == successor


def test_a_merged_commune_goes_to_the_one_that_took_it_in(units):
    """On 01/01/2025 some communes ended; each of their committees has a successor there, and a later one in 2025-07."""
    ended = set(units_on(AFTER_VIET_YEN)) - set(units_on(MARCH_2025)) - {"so-khdt"}

    assert len(ended) == 17
    assert all(successor_of(code, MARCH_2025) in units_on(MARCH_2025) for code in ended)
    assert all(successor_of(code, JULY_2025).startswith("bn-ubnd-") for code in ended)


def test_units_that_succeed_each_other_in_a_circle_end_nowhere(db):
    round_about = (
        unit("a", valid_to=date(2023, 1, 1), successor="b"),
        unit("b", valid_to=date(2023, 1, 1), successor="a"),
    )
    load_units(make_plan(round_about))

    assert successor_of("a", JULY_2023) == ""


def test_loading_again_changes_nothing(units):
    again = load_units(make_plan())

    assert (len(units.new), again.new, again.changed) == (len(UNITS), [], [])
    assert Entry.objects.filter(action="units.load").count() == 1


def test_a_changed_unit_is_loaded_and_seen_at_once(units):
    units_on(JULY_2023)
    renamed = replace(
        UNITS[1],
        symbol="SKHĐT",
        names=(*UNITS[1].names, replace(UNITS[1].names[0], from_day=date(2023, 7, 1), name="Mới")),
    )

    loaded = load_units(make_plan((UNITS[0], renamed)), by=4)

    assert (loaded.new, loaded.changed) == ([], ["so-khdt"])
    assert units_on(JULY_2023)["so-khdt"].name == "Mới"
    assert "so-tai-chinh" in units_on(JULY_2023)
    assert UnitName.objects.filter(unit__code="so-khdt").count() == 2
    assert Entry.objects.latest("pk").by_id == 4


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ((replace(UNITS[1], key="other"),), "its key is so-khdt and cannot become other"),
        ((unit("so-moi", key="so-khdt"),), "so-khdt has the key so-khdt; give it another"),
    ],
)
def test_keys_never_change_hands(units, changed, fault):
    """Figure keys stand in signed files."""
    with pytest.raises(OrganisationError, match=fault):
        load_units(make_plan(changed))
    assert Unit.objects.count() == len(UNITS)


def test_units_are_read_once(units, django_assert_num_queries):
    queries.forget()
    units_on(JULY_2023)
    with django_assert_num_queries(0):
        assert units_on(JULY_2023) is units_on(JULY_2023)
        units_on(JULY_2025)
        successor_of("so-khdt", JULY_2025)


def test_what_is_remembered_cannot_be_changed(units):
    with pytest.raises(TypeError):
        units_on(JULY_2023)["x"] = None  # type: ignore[index]
