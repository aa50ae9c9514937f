import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vnlib.identity.number import birth_provinces, conflict_of, facts_of, mask_number, read_number
from vnlib.identity.reading import Verdict

TODAY = dt.date(2026, 11, 27)


def test_digits_tell_province_century_sex_and_year():
    reading = read_number("066187900002", today=TODAY)

    assert reading.verdict is Verdict.VALID
    assert reading.fields == {
        "number": "066187900002",
        "kind": "citizen",
        "province": "066",
        "province_name": "Đắk Lắk",
        "century": 1900,
        "sex": "F",
        "birth_year": 1987,
    }


@pytest.mark.parametrize(
    ("digit", "century", "sex"), [("0", 1900, "M"), ("3", 2000, "F"), ("4", 2100, "M"), ("9", 2300, "F")]
)
def test_fourth_digit_goes_through_the_centuries(digit, century, sex):
    facts = facts_of(f"001{digit}05900001")

    assert (facts.century, facts.sex, facts.birth_year) == (century, sex, century + 5)


@pytest.mark.parametrize(
    "typed", ["001 090 900 001", "001.090.900.001", "001-090-900001", " 001090900001\r\n", "００１０９０９００００１"]
)
def test_signs_between_digits_are_taken_out_and_said(typed):
    reading = read_number(typed, today=TODAY)

    assert reading.fields["number"] == "001090900001"
    assert (reading.verdict, reading.flags) == (Verdict.REPAIRED, ("normalised",))


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        (" \r\n", "empty"),
        ("00109090000", "bad_length"),
        ("0010909000011", "bad_length"),
        ("00109090000O", "bad_chars"),
        ("00109090000²", "bad_chars"),
        ("٠٠١٠٩٠٩٠٠٠٠١", "bad_chars"),
        ("12345678.0", "bad_chars"),
        ("001490900001", "century_in_future"),
        ("001227900001", "century_in_future"),
    ],
)
def test_each_fault_has_its_reason_and_gives_no_field(typed, reason):
    reading = read_number(typed, today=TODAY)

    assert (reading.verdict, reading.reason, reading.fields) == (Verdict.INVALID, reason, {})


def test_born_this_year_is_no_future():
    assert read_number("001226900001", today=TODAY).verdict is Verdict.VALID


@pytest.mark.parametrize(
    ("number", "flags"), [("003090900001", ()), ("000090900001", ()), ("101090900001", ("may_be_born_abroad",))]
)
def test_unknown_province_is_a_warning(number, flags):
    """The law promises twelve digits alone; a code of a country stands for people born abroad."""
    reading = read_number(number, today=TODAY)

    assert (reading.verdict, reading.reason, reading.flags) == (Verdict.SUSPECT, "unknown_province", flags)
    assert reading.fields["number"] == number


def test_old_number_is_known_by_its_nine_digits():
    assert read_number("012900001", today=TODAY).as_json() == {
        "verdict": "valid",
        "fields": {"number": "012900001", "kind": "old"},
        "flags": [],
        "reason": "",
    }
    assert read_number("990000001", today=TODAY).reason == "bad_old_id"


def test_table_has_the_63_provinces_of_before_the_merger():
    assert len(birth_provinces()) == 63
    assert birth_provinces()["024"] == "Bắc Giang"


@pytest.mark.parametrize(
    ("birth", "sex", "reason"),
    [
        (dt.date(1990, 3, 5), "M", ""),
        (dt.date(1990, 3, 5), "F", "number_sex_conflict"),
        (dt.date(1991, 3, 5), "M", "number_year_conflict"),
        (dt.date(2090, 3, 5), "M", "number_year_conflict"),
        (None, "X", ""),
    ],
)
def test_number_is_compared_with_what_is_known_of_the_holder(birth, sex, reason):
    assert conflict_of("001090900001", birth=birth, sex=sex) == reason


@pytest.mark.parametrize("text", ["", "00109090000", "00109090000a", "０01090900001"])
def test_facts_are_refused_of_what_is_no_citizen_number(text):
    with pytest.raises(ValueError):
        facts_of(text)


@pytest.mark.parametrize(
    ("number", "shown"), [("024200900007", "024******007"), ("012900001", "******001"), ("12345", "*****"), ("", "")]
)
def test_mask_hides_sex_and_year(number, shown):
    assert mask_number(number) == shown


@settings(deadline=None)  # other tests share the processor
@given(st.text() | st.text("0123456789 .-O\r\n", max_size=16))
def test_any_text_gives_a_reading_and_valid_ones_are_the_text_itself(text):
    reading = read_number(text, today=TODAY)

    if reading.verdict is Verdict.VALID:
        assert reading.fields["number"] == text
    assert (reading.verdict is Verdict.INVALID) == (not reading.fields)
