import csv
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vnlib.identity.insurance import BENEFIT_OF_OBJECT, read_insurance
from vnlib.identity.reading import Verdict

ROWS = list(
    csv.DictReader((Path(__file__).parent / "data/insurance_numbers.csv").read_text(encoding="utf-8").splitlines())
)
CARD_QR = next(row["value"] for row in ROWS if row["kind"] == "card_qr")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_each_vector_comes_out_as_written(row):
    reading = read_insurance(row["value"])

    assert (reading.verdict, reading.reason) == (row["verdict"], row["reason"])
    assert reading.fields == (json.loads(row["expected"]) if row["expected"] else {})
    assert bool(reading.flags) == (row["verdict"] == "repaired")


@pytest.mark.parametrize(
    ("text", "fields", "flags"),
    [
        ("90000 00001", {"bhxh": "9000000001"}, ("normalised",)),
        ("9OOOOOOOO1", {"bhxh": "9000000001"}, ("digit_for_letter",)),
        ("001 090 900 001", {"number": "001090900001"}, ("normalised",)),
        (
            "dn 4 0l 9000000001",
            {"object": "DN", "benefit": 4, "province": "01", "bhxh": "9000000001"},
            ("normalised", "case_folded", "digit_for_letter"),
        ),
    ],
)
def test_what_was_repaired_is_said(text, fields, flags):
    reading = read_insurance(text)

    assert (reading.verdict, reading.fields, reading.flags) == (Verdict.REPAIRED, fields, flags)


@pytest.mark.parametrize(
    ("text", "verdict", "reason"),
    [
        ("003090900001", "suspect", "unknown_province"),
        ("001490900001", "invalid", "century_in_future"),
        ("ZZ6019000000001", "invalid", "bad_benefit_code"),
        ("ĐN4019000000001", "invalid", "bad_object_code"),
        ("DN4999000000001", "suspect", "unknown_province"),
        ("114019000000001", "invalid", "bad_object_code"),
        ("DN4SB9000000001", "invalid", "bad_digits"),
    ],
)
def test_doubt_and_refusal(text, verdict, reason):
    reading = read_insurance(text)

    assert (reading.verdict, reading.reason) == (verdict, reason)


@pytest.mark.parametrize(
    ("old", "new", "verdict", "reason"),
    [
        ("|$", "", "invalid", "truncated"),
        ("|1|", "|3|", "invalid", "bad_sex"),
        ("05/03/1990", "31/02/1990", "invalid", "bad_birth_date"),
        ("05/03/1990", "05/03/2999", "invalid", "bad_birth_date"),
        ("4e6775", "4e677", "invalid", "bad_name"),
        ("4e6775", "4eff75", "invalid", "bad_name"),
        ("DN4", "DN9", "invalid", "bad_benefit_code"),
        ("DN4", "ZZ4", "suspect", "unknown_object_code"),
        ("|$", "|$\r\n", "repaired", ""),
        ("05/03/1990", "1990", "valid", ""),
    ],
)
def test_damage_to_a_card_qr(old, new, verdict, reason):
    reading = read_insurance(CARD_QR.replace(old, new, 1))

    assert (reading.verdict, reading.reason) == (verdict, reason)
    assert bool(reading.fields) == (verdict != "invalid")


@settings(deadline=None)  # other tests share the processor
@given(
    st.sampled_from(sorted(BENEFIT_OF_OBJECT)),
    st.sampled_from(["01", "24", "79", "96", "97"]),
    st.from_regex(r"\A[0-9]{10}\Z"),
    st.sampled_from(["", " ", "-"]),
)
def test_made_up_cards_come_out_as_made(object_code, province, code, sign):
    benefit = BENEFIT_OF_OBJECT[object_code]
    reading = read_insurance(sign.join([object_code, str(benefit), province, code]))

    assert reading.verdict is (Verdict.REPAIRED if sign else Verdict.VALID)
    assert reading.fields == {"object": object_code, "benefit": benefit, "province": province, "bhxh": code}


@settings(deadline=None)  # other tests share the processor
@given(
    st.text()
    | st.text("DN4019OIl -|$/", max_size=40)
    | st.tuples(st.text(), st.text()).map(lambda ends: f"{ends[0]}{CARD_QR}{ends[1]}")
)
def test_any_text_gives_a_reading(text):
    reading = read_insurance(text)

    assert (reading.verdict is Verdict.INVALID) == (not reading.fields)
