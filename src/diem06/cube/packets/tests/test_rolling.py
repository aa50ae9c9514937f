"""Five provinces as one: what the packets give is what all facts give, province by province and for the country."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from diem06.cube.behind import Choice
from diem06.cube.engine.request import CoverageRow
from diem06.cube.packets.behind import facts_behind
from diem06.cube.packets.checking import checked, failed
from diem06.cube.packets.content import Content
from diem06.cube.packets.definitions import LineDefinition, TargetDefinition
from diem06.cube.packets.form import content_of, opened
from diem06.cube.packets.months import Months, months_of, windows_of
from diem06.cube.packets.result import (
    COUNTED_EACH_MONTH,
    COUNTED_ONCE,
    ResultRow,
    roll_up,
    roll_up_window,
    rows_of,
)
from diem06.cube.packets.rolling import COUNTRY, Asked, standing_to
from diem06.cube.packets.tests.made_up import (
    DEFINITIONS,
    LAST,
    MONTHS,
    BruteForce,
    Month,
    five,
    lasting,
    own_board,
    packet_of,
)
from diem06.cube.standing import Ratio, Standing

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
        if found is None:
            assert not DEFINITIONS.is_additive(line)
            continue
        with found:
            rows = found.page("listed", Choice(sort="side"), orders={}, offset=0, limit=10_000)
            assert sum(each.facts for each in found.sums("listed", Choice())) == len(rows)
        if len(line.parts) == 1 and figure.numerator is not None:
            sums = {side: sum(each.amount for each in rows if each.side == side) for side in ("num", "den")}
            assert (sums["num"], sums["den"]) == (figure.numerator, figure.denominator or 0), figure
            seen += bool(rows)
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


# -- several months as one window -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("seed", [1, 2])
def test_three_months_of_packets_are_the_quarter_of_all_facts(seed: int) -> None:
    """
    Each province's own board of the quarter, of the facts as they were recorded: each line that adds up, in each area and of each
    unit, who reported what included; the country is their sum. People counted once have no number anywhere, and the reason.
    """
    provinces = [lasting(province, seed=seed, size=90) for province in five(seed=seed, size=60)[:2]]
    months = [
        Months(window="2023-Q3", packets=tuple(content_of(opened(packet_of(each, month))) for month in MONTHS))
        for each in provinces
    ]
    found = list(rows_of(roll_up_window(months)))
    seen = 0
    for province in provinces:
        board = own_board(province, MONTHS)
        for row in (row for row in found if row.province == province.code):
            answer = board[Asked(line=row.code, area=row.area or province.code, unit=row.unit)]
            assert row.key == ""
            assert (row.expected, row.reported) == (answer.expected, answer.reported), row
            if row.code == "D1":
                assert (row.numerator, row.value, row.standing, row.reason) == (None, None, "", COUNTED_EACH_MONTH)
            else:
                assert (row.numerator, row.denominator) == (answer.numerator, answer.denominator), row
                seen += row.numerator is not None
    assert seen > 100
    for code in ("F2", "S1", "S2"):
        whole, *parts = [row for row in found if row.code == code and row.level in {"country", "province"}]
        assert whole.numerator == sum(row.numerator for row in parts)


def test_a_stock_of_a_quarter_is_that_of_its_last_month_and_no_sum() -> None:
    """What is carried on from July stands in the packets of August and September too, and counts once."""
    province = lasting(five(seed=3, size=200)[0], seed=3, size=5)
    packets = tuple(content_of(opened(packet_of(province, month))) for month in MONTHS)
    (quarter,) = (
        row.numerator
        for row in rows_of(roll_up_window([Months(window="2023-Q3", packets=packets)]))
        if (row.code, row.level) == ("S1", "country")
    )
    monthly = [
        row.numerator
        for packet in packets
        for row in rows_of(roll_up([packet]))
        if (row.code, row.level) == ("S1", "country")
    ]
    assert all(monthly)
    assert quarter == monthly[-1]


def test_a_source_holds_everything_of_a_window_only_where_it_does_so_each_month() -> None:
    """Of flows: «visits» of one district in July and of the province in August: that district. A stock is that of the last month."""
    july, august = (replace(made_up_content(month), coverage=()) for month in MONTHS[:2])
    district = next(area.code for area in july.areas if area.level == "district")
    narrow = CoverageRow(source="desk", measure="visits", area=district, unit="")
    july = replace(july, coverage=(narrow, CoverageRow(source="register", measure="kits", area="", unit="")))
    august = replace(august, coverage=(CoverageRow(source="desk", measure="visits", area="", unit=""),))
    assert Months(window="x", packets=(july, august)).coverage == (narrow,)
    assert Months(window="x", packets=(august, replace(july, coverage=()))).coverage == ()


def made_up_content(month: Month) -> Content:
    return content_of(opened(packet_of(PROVINCES[0], month)))


def test_windows_are_made_of_whole_months_of_one_year() -> None:
    assert months_of("2023-Q3") == ("2023-07", "2023-08", "2023-09")
    assert months_of("2023-H2")[0::5] == ("2023-07", "2023-12")
    assert len(months_of("2023")) == 12
    assert months_of("2023-07") == ("2023-07",)
    assert [months_of(each) for each in ("ptd-2023-07", "2023-13", "2023-Q5", "", "x")] == [()] * 5
    for month in months_of("2023"):
        assert all(month in months_of(window) for window in windows_of(month))


# -- the way to a deadline ----------------------------------------------------------------------------------------------------
def test_a_deadline_ahead_is_judged_by_the_line_from_the_first_known_value() -> None:
    """From 20% in July to 50% in January: 24% in August lies below the line, 26% on it; without a beginning nothing is said."""
    target = TargetDefinition(value=Decimal("0.5"), from_day=date(2023, 1, 1), deadline=date(2024, 1, 14), level="")
    line = DEFINITIONS.line_of["F1"]
    first = ratio(20, LAST)

    def judged(percent: int, first: Ratio | None, line: LineDefinition = line) -> Standing | None:
        return standing_to(line, ratio(percent, MONTHS[1].last), target, first_day=MONTHS[1].first, first=first)

    assert judged(24, first) is judged(22, first) is Standing.AT_RISK
    assert judged(26, first) is Standing.ON_TRACK
    assert judged(26, None) is None
    assert judged(50, None) is Standing.MET
    assert judged(60, first, replace(line, direction="down")) is Standing.AT_RISK


def ratio(percent: int, day: date) -> Ratio:
    return Ratio(day=day, numerator=Decimal(percent), denominator=Decimal(100))
