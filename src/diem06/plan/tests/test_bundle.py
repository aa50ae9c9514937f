"""The facts of the plan of Bắc Giang hold for the shipped bundle."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from datetime import date

from diem06.plan.checks import OPINION, check
from diem06.plan.model import Calendar, Kind
from diem06.plan.text import clause_corrections, clause_text, folded

CLAUSES = [
    *(f"B.{n}" for n in range(1, 6)),
    *("N.1", "I.1", "I.2", "I.3", "II.2a", "II.2b", "II.2c", "II.2d", "II.3", "II.4", "II.5"),
    *(f"II.6.1{letter}" for letter in "abcd"),
    *(f"II.6.2{letter}" for letter in "ab"),
    *(f"II.6.3{letter}" for letter in "abc"),
    "II.6.4",
    *(f"II.6.5{letter}" for letter in "abcd"),
    *(f"II.6.6{letter}" for letter in "abcd"),
    "fn.1",
    *(f"III.{n}" for n in range(1, 9)),
    *(f"A.{n}" for n in range(1, 9)),
    *(f"O.{n}" for n in range(1, 5)),
]
INDICATORS = {
    *(f"P{n}" for n in range(1, 24)),
    *("P11b", "M1.1", "M1.2", "M1.3", "M2.1", "M2.2", "M3.1", "M3.2", "M3.3", "M3.4", "M3.5", "M3.6"),
    *("M4.1", "M4.2", "M4.3", "M5.1", "M5.2", "M5.3", "M5.4", "M6.1", "M6.2", "M7.1", "M7.2", "M7.3", "M7.4"),
    *("M8.1", "M8.2", "M8.3", "O1", "O2", "O3", "O4"),
}


def bare(text: str) -> str:
    """Letters without marks, lower case: hoá and hóa, Môi Trường and Môi trường agree."""
    marks = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in marks if not unicodedata.combining(letter))


def targets(indicator):
    return [*indicator.targets, *(target for reading in indicator.readings for target in reading.targets)]


def test_the_bundle_has_no_fault(bundle, bundle_areas):
    assert check(bundle, bundle_areas) == []


def test_its_paragraphs_are_the_text_of_the_plan_word_for_word(bundle, plan_text):
    assert " ".join(" ".join(row.text for row in bundle.paragraphs).split()) == " ".join(plan_text.split())
    assert [row.address for row in bundle.paragraphs] == [f"p{n:03}" for n in range(1, len(bundle.paragraphs) + 1)]


def test_it_names_who_and_when(bundle):
    assert (bundle.id, bundle.key, bundle.in_force_from) == ("bac-giang-2023", "bg23", date(2023, 6, 15))
    assert (bundle.steering_unit, bundle.office_unit, bundle.lead_unit) == ("cong-an-tinh", "vp-ubnd-tinh", "so-tttt")
    assert (bundle.periods.calendar, bundle.periods.first, bundle.periods.lock_days) == (Calendar.ND09, "2023-07", 6)


def test_it_has_the_rows_of_the_plan(bundle):
    assert [row.id for row in bundle.clauses] == CLAUSES
    assert {row.code for row in bundle.indicators} == INDICATORS
    assert [row.code for row in bundle.pilots] == ["P", *(f"M{n}" for n in range(1, 9))]
    assert [len(rows) for rows in (bundle.units, bundle.groups, bundle.duties, bundle.measures)] == [77, 17, 35, 70]
    assert [row.clause for row in bundle.documents] == ["B.1", "B.2", "B.3", "B.4", "B.5"]


def test_the_28_assignments_are_those_that_the_text_names_in_its_order(bundle, plan_text):
    """Read again from the text of section III, not from the bundle."""
    plain = folded(plan_text)
    section = plain[plain.index("III. THỰC HIỆN MÔ HÌNH TẠI") : plain.index("III. TỔ CHỨC THỰC HIỆN")]
    units = {row.code: row.names[0] for row in bundle.units}
    named = []
    for n in range(1, 9):
        match = re.search(rf"{n}\. Mô hình {n}: .*?\((\d\d) đơn vị\): (.*?)\.(?= {n + 1}\. Mô hình| \(Gợi ý)", section)
        assert match
        names = match[2].split("; ")
        assert len(names) == int(match[1])
        named += [(f"III.{n}", f"M{n}", name) for name in names]

    assert [(row.clause, row.pilot, row.unit_in_plan) for row in bundle.assignments] == named
    assert len(named) == len({row.unit for row in bundle.assignments}) == 28
    for row in bundle.assignments:
        assert bare(row.unit_in_plan) in {bare(units[row.unit].name), bare(units[row.unit].short)}


def test_quotes_and_corrections_stand_in_the_text(bundle, plan_text):
    plain = folded(plan_text)
    paragraphs = {row.address: row for row in bundle.paragraphs}
    for clause in bundle.clauses:
        assert folded(clause.quote) in clause_text(clause, paragraphs), clause.id
        located = {each.correction.wrong for each in clause_corrections(clause, paragraphs)}
        assert located == {each.wrong for each in clause.corrections}, clause.id
    quotes = [target.quote for row in bundle.indicators for target in targets(row)]
    quotes += [row.quote for row in bundle.indicators if row.quote]
    quotes += [deadline.quote for row in bundle.indicators for deadline in row.deadlines]
    assert all(folded(quote) in plain for quote in quotes)


def test_targets_are_25_in_numbers_and_5_in_words(bundle):
    stated = {row.code: {target.stated for target in targets(row)} for row in bundle.indicators if targets(row)}

    assert Counter(way for ways in stated.values() for way in ways) == {"number": 25, "words": 5}
    assert {code for code, ways in stated.items() if ways == {"words"}} == {"M3.5", "M4.2", "M7.4", "O1", "O2"}
    for row in bundle.indicators:
        for target in targets(row):
            assert (f"{float(target.value) * 100:g}%" in target.quote) == (target.stated == "number"), row.code


def test_an_indicator_with_readings_has_its_targets_there_and_none_is_decided(bundle):
    with_readings = {row.code: row for row in bundle.indicators if row.readings}

    assert {code: [r.code for r in row.readings] for code, row in with_readings.items()} == {
        "P3": ["P3a", "P3b"],
        "M1.2": ["M1.2a", "M1.2b"],
        "M3.3": ["M3.3a", "M3.3b", "M3.3c"],
    }
    assert not any(row.targets for row in with_readings.values())
    assert not any(reading.decisions for row in with_readings.values() for reading in row.readings)
    assert len(with_readings["P3"].readings[1].parts) == 3
    assert [f"{target.value}" for target in with_readings["M3.3"].readings[2].targets] == ["0.5", "0.7"]


def test_the_plan_states_three_days_and_no_other(bundle):
    days = {(t.deadline, t.deadline_quote, row.code) for row in bundle.indicators for t in targets(row) if t.deadline}
    days |= {(d.day, d.quote, row.code) for row in bundle.indicators for d in row.deadlines}

    assert days == {
        (date(2023, 7, 31), "xong trong tháng 7/2023", "P8"),
        (date(2023, 7, 31), "xong trong tháng 7/2023", "P9"),
        (date(2023, 6, 30), "thời gian hoàn thành trong tháng 6/2023", "O1"),
        (date(2023, 5, 31), "trước tháng 6/2023", "P19"),
        (date(2023, 5, 31), "trước tháng 6/2023", "P20"),
    }


def test_m5_repeats_the_figures_of_the_provincial_pilot(bundle):
    assert {row.code: row.same_as for row in bundle.indicators if row.same_as} == {"M5.1": "P1", "M5.2": "P2"}


def test_31_units_report_and_12_if_listed(bundle):
    on_the_day = [row for row in bundle.units if row.valid_from is None]
    groups = {row.code: row for row in bundle.groups}

    assert Counter(row.reports for row in on_the_day) == {"yes": 31, "if_listed": 12, "no": 2}
    assert {row.code for row in on_the_day if row.reports == "yes"} == set(groups["reporting_units"].members)
    assert {row.unit for row in bundle.assignments} == set(groups["all_28"].members)
    assert len(groups["all_28"].members) == 28


def test_every_paragraph_six_duty_has_a_lead(bundle):
    led = {row.clause for row in bundle.duties if row.role == "lead"}

    assert {row.id for row in bundle.clauses if row.id.startswith("II.6.")} <= led


def test_every_measure_is_owed_derived_or_counted_by_the_product(bundle):
    owed = {row.measure for row in bundle.obligations}
    by_product = {"units_of_plan", "unit_plans_in_time", "reports_due"}

    for row in bundle.measures:
        ways = [row.code in owed, bool(row.derived), row.code in by_product]
        assert ways.count(True) == 1, row.code


def test_the_deadline_of_cards_and_accounts_has_cells_of_its_day(bundle):
    assert {(row.measure, row.on) for row in bundle.obligations if row.on} == {
        (measure, date(2023, 7, 31))
        for measure in ("residents_of_age", "residents_with_chip_card", "residents_with_activated_account")
    }


def test_distinct_counts_are_owed_by_level_or_by_unit(bundle):
    distinct = {row.code for row in bundle.measures if row.kind is Kind.DISTINCT}
    levels = {row.measure: tuple(row.levels) for row in bundle.obligations if row.measure in distinct}

    assert {measure for measure, named in levels.items() if named == ("province", "district")} == {
        "health_facilities_receiving_by_id",
        "patients_received",
        "patients_with_insurance_returned",
    }
    assert levels["businesses_verifying"] == ("district",)
    assert {row.grain for row in bundle.obligations if row.measure in distinct and not row.levels} == {"unit"}


def test_open_dimensions_are_never_typed(bundle):
    opened = {(row.code, each.name) for row in bundle.measures for each in row.dimensions if not each.values}
    typed = {(row.measure, name) for row in bundle.obligations for name in (*row.split_by, *row.where)}

    assert opened == {
        ("residents_of_age", "age_band"),
        ("residents_with_chip_card", "age_band"),
        ("residents_with_activated_account", "age_band"),
        ("budget_allocated", "pilot"),
        ("budget_allocated", "source"),
        ("budget_spent", "pilot"),
        ("budget_spent", "source"),
        ("publicity_activities", "channel"),
    }
    assert not opened & typed


def test_a_source_that_is_an_opinion_says_so(bundle):
    """Numerator and denominator of P6, P12, M3.1 and M3.5 have the same declarers, which the plan does not say."""
    opinions = {row.measure for row in bundle.obligations if row.source.startswith(OPINION)}

    assert {
        "officials_trained_and_active",
        "workforce_with_account",
        "workforce_with_card_and_vneid",
        "residents_with_issued_account",
    } <= opinions


def test_figure_keys_fit_48_characters(bundle):
    codes = [row.code for row in bundle.indicators] + [r.code for row in bundle.indicators for r in row.readings]
    units = [row.key + ("-07549" if row.kind == "commune_committee_rule" else "") for row in bundle.units]
    longest = f"{bundle.key}:{max(codes, key=len)}:07549:{max(units, key=len)}:ptd-2023-07:9999"

    assert len(longest) <= 48
    assert longest.isascii()


def test_report_kinds_are_signed_as_officials_sign_them(bundle):
    kinds = {row.code: row for row in bundle.report.kinds}

    assert (kinds["section"].issuer, kinds["section"].signs) == ("", ())
    assert (kinds["police"].signs, kinds["police"].symbol) == (("GIÁM ĐỐC",), "BC-CAT-PC06")
    assert kinds["committee"].signs == ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")
    assert [code for code, kind in kinds.items() if kind.late_annex] == ["police"]
    assert kinds["committee"].recipients[-2:] == ("VP UBND tỉnh: LĐVP, NC, KGVX", "Lưu: VT")
