"""Five provinces as one: what the packets give is what all facts give, province by province and for the country."""

from __future__ import annotations

import pytest

from diem06.cube.packets.behind import facts_behind
from diem06.cube.packets.checking import checked, failed
from diem06.cube.packets.form import content_of, opened
from diem06.cube.packets.result import COUNTED_ONCE, ResultRow, roll_up, rows_of
from diem06.cube.packets.rolling import COUNTRY, Asked
from diem06.cube.packets.tests.made_up import DEFINITIONS, BruteForce, five, own_board, packet_of

pytestmark = pytest.mark.once
PROVINCES = five(seed=7, size=120)


@pytest.fixture(scope="module")
def rows() -> list[ResultRow]:
    contents = [content_of(opened(packet_of(province))) for province in PROVINCES]
    return list(rows_of(roll_up(contents)))


def test_a_packet_holds(rows: list[ResultRow]) -> None:
    """Every check passes, that of its figures against its facts too."""
    for province in PROVINCES:
        assert failed(checked(packet_of(province)).checks) == []


def test_all_that_adds_up_is_the_sum_of_every_fact(rows: list[ResultRow]) -> None:
    """For the country, each province, district, commune and unit: brute force over the facts as they were recorded."""
    oracle = BruteForce(PROVINCES)
    seen = 0
    for row in rows:
        line = DEFINITIONS.line_of[row.code]
        if DEFINITIONS.is_additive(line):
            area = row.area if not row.unit else row.province
            wanted = oracle.numbers(line, area, row.province, row.unit)
            assert (row.numerator, row.denominator) == wanted, row
            seen += row.numerator is not None
    assert seen > 300
    country = {row.code: row for row in rows if row.level == "country"}
    assert all(country[code].numerator is not None for code in ("F1", "F2", "S1", "S2", "L1"))


def test_each_province_is_what_its_own_board_says(rows: list[ResultRow]) -> None:
    """Every figure, who reported what included."""
    for province in PROVINCES:
        board = own_board(province)
        mine = [row for row in rows if row.province == province.code]
        assert len(mine) == len(board)
        for row in mine:
            answer = board[Asked(line=row.code, area=row.area or province.code, unit=row.unit)]
            assert (row.numerator, row.denominator) == (answer.numerator, answer.denominator), row
            assert (row.expected, row.reported) == (answer.expected, answer.reported), row


def test_the_facts_behind_a_figure_add_up_to_it() -> None:
    """Of each figure of a packet that adds up and is read in one part: what is listed sums to numerator and denominator."""
    content = content_of(opened(packet_of(PROVINCES[0])))
    seen = 0
    for figure in content.figures:
        line = DEFINITIONS.line_of[figure.code]
        found = facts_behind(content, figure)
        if not DEFINITIONS.is_additive(line):
            assert found == []
        elif len(line.parts) == 1 and figure.numerator is not None:
            sums = {side: sum(each.sign * each.value for each in found if each.side == side) for side in ("num", "den")}
            assert (sums["num"], sums["den"]) == (figure.numerator, figure.denominator or 0), figure
            seen += bool(found)
    assert seen > 30


def test_people_counted_once_have_no_sum_for_the_country(rows: list[ResultRow]) -> None:
    """Each province has its signed number, the country none and the reason; a sum of the five stands nowhere."""
    people = {
        (row.level, row.province): row for row in rows if row.code == "D1" and row.level in {"country", "province"}
    }
    provinces = [people["province", province.code].numerator for province in PROVINCES]
    assert all(provinces)
    assert (people["country", ""].numerator, people["country", ""].value, people["country", ""].reason) == (
        None,
        None,
        COUNTED_ONCE,
    )
    assert sum(provinces) not in {row.numerator for row in rows if row.area == COUNTRY}


def test_the_country_stands_to_a_share_of_the_plan_and_to_no_count(rows: list[ResultRow]) -> None:
    """A share is handed down from the plan; the count that one province should reach is not the country's."""
    country = {row.code: row for row in rows if row.level == "country"}
    assert country["F1"].target == "0.5"
    assert country["F1"].standing == ("met" if country["F1"].number() >= 0.5 else "below")
    assert (country["F2"].target, country["F2"].standing) == (None, "no_target")
    reported = sum(row.reported for row in rows if row.code == "F1" and row.level == "province")
    assert country["F1"].reported == reported < country["F1"].expected
