"""An area on the map of another day: shares against every way followed by hand, and the product's own list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diem06.core.areas import queries
from diem06.core.areas.actions import load_areas
from diem06.core.areas.queries import areas_on, laid, name_of, population_basis, states_of
from diem06.core.areas.redrawing import Laid
from diem06.core.areas.tests.countries import DAYS, Country, countries, shares_of
from diem06.plan.model import Level

FIRST, VIET_YEN, NQ_1191, NQ_1658, LAST = (
    date(2023, 4, 10),
    date(2024, 2, 1),
    date(2025, 1, 1),
    date(2025, 7, 1),
    date(2026, 9, 20),
)
quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
ROUNDING = Decimal("0.00001")


def everything(country: Country) -> Iterator[tuple[Laid, date, date]]:
    for own, tree in zip(DAYS, country.trees, strict=True):
        for on in DAYS:
            for area in tree:
                yield country.lay(area.code, area.valid_from, on), own, on


@given(country=countries(all_known=True))
@quick
def test_shares_are_those_of_every_way_followed_by_hand(country: Country) -> None:
    """Merges, splits and moves, forward and backward over two changes; what nobody lived in has no share."""
    for lying, _own, on in everything(country):
        wanted = shares_of(country, (lying.code, lying.valid_from), on)
        if wanted is None:
            continue
        outside = wanted.pop(("", date.max), 0)
        assert lying.outside is not None
        assert abs(lying.outside - Decimal(float(outside))) < ROUNDING
        found = {piece.identity: piece.share for piece in lying.pieces}
        assert None not in found.values()
        for identity, share in wanted.items():
            assert abs((found.get(identity) or Decimal()) - Decimal(float(share))) < ROUNDING
        assert sum(share or 0 for share in found.values()) + lying.outside == 1


@given(country=countries(with_districts_gone=False), fill=st.integers(1, 99999))
@quick
def test_a_known_share_rests_on_no_population_that_is_not_known(country: Country, fill: int) -> None:
    """Whatever the missing populations were, a share that is given would be the same."""
    new = {link.new for link in country.links}
    country.rows |= {each: replace(row, population=None) for each, row in country.rows.items() if each in new}
    full = Country(country.rows.copy(), country.links, country.parents, country.trees)
    for number, (identity, row) in enumerate(full.rows.items(), 1):
        if row.population is None:
            full.rows[identity] = replace(row, population=fill * number)
    for lying, _own, on in everything(country):
        wanted = full.lay(lying.code, lying.valid_from, on)
        for code, piece in lying.shares.items():
            if piece.share is not None and wanted.outside is not None:
                assert code in wanted.shares
                assert abs((wanted.shares[code].share or Decimal()) - piece.share) < ROUNDING


@given(country=countries())
@quick
def test_what_lies_in_a_part_lies_in_the_whole(country: Country) -> None:
    """The province of a map has what its districts and communes have, to the last digit."""
    for lying, _own, on in everything(country):
        tree = country.trees[DAYS.index(on)]
        known = [piece for piece in lying.pieces if piece.share is not None]
        assert all(piece.share != 0 for piece in lying.shares.values())
        if len(known) == len(lying.pieces) and lying.outside is not None:
            for code, whole in lying.shares.items():
                inside = {code, *(area.code for area in tree.descendants(code))}
                assert whole.share == sum(piece.share or 0 for piece in known if piece.code in inside)
        if lying.holder:
            assert lying.shares[lying.holder].share == 1
            inside = {lying.holder, *(area.code for area in tree.descendants(lying.holder))}
            assert {piece.code for piece in lying.pieces} <= inside


# -- the product's own list ----------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def own_list(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The own list, loaded once for these tests, and taken away afterwards."""
    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        load_areas()
        yield
        transaction.set_rollback(True)
        atomic.__exit__(None, None, None)
    queries.forget()


def shares(lying: Laid, level: Level, on: date) -> dict[str, Decimal | None]:
    tree = areas_on(on)
    return {code: piece.share for code, piece in lying.shares.items() if tree.get(code).level is level}


def test_the_states_of_the_map_of_bac_giang(own_list: None) -> None:
    assert states_of("24") == [FIRST, VIET_YEN, NQ_1191, NQ_1658, LAST]
    assert states_of("27") == [NQ_1191]


def test_209_communes_of_2023_go_whole_to_communes_of_2026_but_one(own_list: None) -> None:
    """They reach 58 of the 99; Thanh Hải alone is in two of them, three of a hundred of its people in Biên Sơn."""
    communes = areas_on(FIRST).descendants("24", Level.COMMUNE)
    lying = {area.code: laid(area.code, area.valid_from, LAST) for area in communes}
    assert len(communes) == 209
    assert [code for code, each in lying.items() if len(each.pieces) > 1] == ["07549"]
    assert len({piece.code for each in lying.values() for piece in each.pieces}) == 58
    assert [(piece.code, piece.share, piece.basis) for piece in laid("07549", FIRST, NQ_1658).pieces] == [
        ("07525", Decimal("0.971003"), "press"),
        ("07537", Decimal("0.028997"), "press"),
    ]


def test_thanh_hai_lay_in_luc_ngan_and_lies_in_two_districts_since(own_list: None) -> None:
    lying = laid("07549", FIRST, NQ_1191)
    assert lying.holder == "24"
    assert shares(lying, Level.DISTRICT, NQ_1191) == {"224": Decimal("0.971003"), "219": Decimal("0.028997")}


def test_districts_that_join_and_part(own_list: None) -> None:
    """213 and 221 are 213 from 2025 on; 219 parts into 219 and 224, and back each of the two was a part of 219 alone."""
    assert [laid(code, FIRST, NQ_1191).holder for code in ("213", "221")] == ["213", "213"]
    assert shares(laid("219", FIRST, NQ_1191), Level.DISTRICT, NQ_1191) == {
        "219": Decimal("0.502118"),
        "224": Decimal("0.497882"),
    }
    assert [laid(code, NQ_1191, FIRST).holder for code in ("219", "224")] == ["219", "219"]
    back = laid("213", NQ_1191, FIRST)
    assert shares(back, Level.DISTRICT, FIRST) == {"213": Decimal("0.523159"), "221": Decimal("0.476841")}
    assert {piece.basis for piece in back.pieces} == {"derived"}


def test_districts_of_2023_out_of_the_communes_of_2025(own_list: None) -> None:
    """
    Of the 58 communes 55 lie in one district. Đa Mai lay in two, with the shares of these districts; two others lie in what was
    213 or 221, and nobody knows with how many people each.
    """
    lying = {area.code: laid(area.code, area.valid_from, FIRST) for area in areas_on(NQ_1658).descendants("24")}
    held = Counter("outside" if each.is_outside else areas_on(FIRST).get(each.holder).level for each in lying.values())
    assert held["outside"] == 41
    assert held[Level.PROVINCE] == 3
    assert shares(lying["07228"], Level.DISTRICT, FIRST) == {"213": Decimal("0.812826"), "216": Decimal("0.187174")}
    assert shares(lying["07228"], Level.COMMUNE, FIRST)["07366"] == Decimal("0.187174")
    for code in ("07696", "07699"):
        assert shares(lying[code], Level.DISTRICT, FIRST) == {"213": None, "221": None}
        assert lying[code].unknown


def test_a_province_that_took_in_another_lies_partly_outside_of_the_older_map(own_list: None) -> None:
    """Of the people of Bắc Ninh of July 2025 those of old Bắc Ninh were on no map of 2023."""
    lying = laid("24", NQ_1658, FIRST)
    assert lying.is_partly_outside
    assert lying.holder == ""
    assert (lying.shares["24"].share or 0) + (lying.outside or 0) == 1
    assert laid("27", NQ_1191, FIRST).is_outside
    assert laid("27", NQ_1191, NQ_1658).holder == "24"


def test_an_area_is_called_as_in_its_time(own_list: None) -> None:
    assert name_of("222", FIRST) == "Huyện Việt Yên"
    assert name_of("222", VIET_YEN) == "Thị xã Việt Yên"
    assert "31/12/2023" in population_basis("221", FIRST)
    assert population_basis("216", FIRST) == ""
