import csv
import datetime as dt
import json
import random
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vnlib.identity import Verdict, read_card_qr
from vnlib.identity.qr import MOST_CHARACTERS, methods, words
from vnlib.identity.tests.damaged_cards import KINDS, made_up_cards, qr_text

DATA = Path(__file__).parent / "data"


def rows(name):
    with (DATA / name).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


CLEAN = rows("qr_vectors.csv")
DAMAGED = rows("qr_damage_vectors.csv")
SPELT_OTHERWISE = {"q17", "q18", "q19"}
PLAIN = "001090900001|012900001|{name}|05031990|{sex}|{address}|14082021"


def read(name="Nguyễn Văn Thử", address="Phố Mẫu, Hoàn Kiếm, Hà Nội", sex="Nam"):
    return read_card_qr(PLAIN.format(name=name, sex=sex, address=address))


@pytest.mark.parametrize("row", CLEAN, ids=lambda row: row["id"])
def test_clean_card_comes_out_whole(row):
    reading = read_card_qr(row["raw"], today=dt.date(2026, 1, 1))
    assert dict(reading.fields) == json.loads(row["expected"]) | {"shape": row["shape"]}
    if row["id"] in SPELT_OTHERWISE:
        assert (reading.verdict, reading.flags) == (Verdict.REPAIRED, ("normalised",))
    else:
        assert (reading.verdict, reading.flags) == (Verdict.OK, ())


@pytest.mark.parametrize("row", DAMAGED, ids=lambda row: f"{row['id']}-{row['kind']}")
def test_damaged_read_is_repaired_or_refused_as_the_vectors_say(row):
    reading = read_card_qr(row["raw"], today=dt.date(2026, 1, 1))
    assert (reading.verdict, reading.reason, ";".join(reading.flags)) == (row["verdict"], row["reason"], row["flags"])
    fields = {name: value for name, value in reading.fields.items() if name != "shape"}
    assert fields == (json.loads(row["expected"]) if row["expected"] else {})


@pytest.mark.parametrize(
    "name",
    [
        "Lee Min Ho",
        "Max Hans",
        "Wang Jaff Foox",
        "Lê Victoria",
        "Báo Văn Dzũng",
        "H'Ngăm Êban",
        "Điểu K'Rể",
        "Y Blơih Êban",
        "Nông Văn Ý",
    ],
)
def test_name_that_is_possible_is_never_touched(name):
    reading = read(name=name)
    assert reading.fields["name"] == name
    assert set(reading.flags) <= {"unusual_word"}


@pytest.mark.parametrize(
    "place",
    ["Lô A1 Khu B12", "Khu3", "Noong Bua", "Tằng Loỏng", "Kroong", "Ea Sar", "QL1A", "Vĩnh Lộc B", "N.T Phong Hải"],
)
def test_place_that_is_possible_is_never_touched(place):
    reading = read(address=f"{place}, Hà Nội")
    assert (reading.verdict, reading.fields["address"]) == (Verdict.OK, f"{place}, Hà Nội")


@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn Văn Thxử",
        "Nguễn Văn Thử",
        "Nguyễn V?n Thử",
        "Nguyễn ăn Thử",
        "Nguyễn V3n Thử",
        "Nguyễn Vn Thử",
        "Nguyễn Văn Thử¡",
        "Nguyễn Văn Thửử",
    ],
)
def test_name_with_a_wrong_letter_is_refused(name):
    reading = read(name=name)
    assert (reading.verdict, dict(reading.fields)) == (Verdict.REFUSED, {})


@pytest.mark.parametrize(
    ("name", "flag"),
    [("Nguyễn Văn Minq", "unusual_word"), ("Nguyễn Văn Dat", "accents_lost"), ("Tran Thi Minh", "accents_lost")],
)
def test_word_that_a_person_must_confirm_is_flagged(name, flag):
    reading = read(name=name)
    assert (reading.verdict, reading.flags, reading.fields["name"]) == (Verdict.REPAIRED, (flag,), name)


def test_two_readings_of_a_typed_word_are_refused():
    """Raw VNI «A1» beside nothing that says code or syllable."""
    assert read(name="Nguye6n4 Va8n Thu73", address="A1 Xo6i, Ha2 No6i5").reason == "ambiguous_typing"


@pytest.mark.parametrize("name", ["Nguyễn Văn Minx", "Niee Min Ho"])
def test_word_that_may_be_typed_or_struck_wrongly_is_refused(name):
    """Mĩn in Telex, or Minh with one wrong letter: nothing else on the card shows Telex."""
    assert read(name=name).reason == "ambiguous_typing"


def test_line_broken_inside_a_word_is_refused():
    assert read(address="Hoàn Ki\nếm, Hà Nội").reason == "broken_lines"


def test_digit_struck_twice_never_shifts_the_number():
    """The last twelve of thirteen digits may be a sound number of somebody else."""
    text = "0011190900001|012900001|Nguyễn Văn Thử|05031990|Nữ|Phố Mẫu, Hà Nội|14082021"
    assert read_card_qr(text).reason == "bad_number"


def test_newer_card_that_broke_off_after_its_date_is_refused():
    card = next(card for card in made_up_cards(20) if card.shape == "cc2024_11" and card.father)
    assert read_card_qr("|".join(qr_text(card).split("|")[:7])).reason == "truncated"


def test_dates_to_come_are_refused_only_if_today_is_told():
    text = PLAIN.format(name="Nguyễn Văn Thử", sex="Nam", address="Hà Nội")
    assert read_card_qr(text, today=dt.date(2021, 8, 13)).reason == "issued_in_future"
    assert read_card_qr(text, today=dt.date(2021, 8, 14)).verdict is Verdict.OK
    assert read_card_qr(text).verdict is Verdict.OK


def test_province_that_is_not_in_the_table_is_told():
    text = PLAIN.replace("001090", "003090", 1).format(name="Nguyễn Văn Thử", sex="Nam", address="Hà Nội")
    assert read_card_qr(text).flags == ("unknown_province",)


def test_unknown_last_field_is_told_and_left_out():
    reading = read_card_qr("034203900003||Phạm Đức Mẫu|01012003|Nam|Đông Quý, Thái Bình|09072024||||X1")
    assert (reading.verdict, reading.flags) == (Verdict.REPAIRED, ("unknown_field",))


TEXT = st.text(max_size=300) | st.text(alphabet="0123456789|\n\t ăâêôđ\u0300\u0323)!@#\\%&;uxsfjÃáº»'?", max_size=300)


@settings(max_examples=300, deadline=None)
@given(TEXT)
def test_any_text_gives_a_reading(text):
    """Whatever comes in: a reading with a reason or with all fields."""
    reading = read_card_qr(text)
    assert bool(reading.reason) == (reading.verdict is Verdict.REFUSED) == (not reading.fields)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(sorted(KINDS)), st.data())
def test_damage_upon_damage_never_changes_the_number_silently(seed, kind, data):
    """A damaged card with a piece cut out or put in: number, birth date and sex are the card's, or differ by what was put in or taken out."""
    card = next(made_up_cards(1, seed))
    raw = KINDS[kind].make(qr_text(card), random.Random(seed))
    place = data.draw(st.integers(0, len(raw)))
    piece = data.draw(
        st.text(
            alphabet=st.characters(
                exclude_categories=["Nd"], exclude_characters="ăâêôđ\u0300\u0301\u0303\u0309\u0323!@#$%^&*()\\"
            ),
            max_size=3,
        )
    )
    reading = read_card_qr(raw[:place] + piece + raw[place:])
    if (
        reading.verdict is not Verdict.REFUSED
        and kind != "two_cards"
        and kind not in {"key_lost", "key_repeated", "character_changed"}
    ):
        fields = card.as_fields()
        assert {name: reading.fields[name] for name in ("number", "dob", "sex", "issued")} == {
            name: fields[name] for name in ("number", "dob", "sex", "issued")
        }


@pytest.fixture
def long_way(monkeypatch):
    """Return a reader that keeps nothing of the words it has seen, and takes every word apart by every typing method."""

    def read_the_long_way(text):
        with monkeypatch.context() as changed:
            changed.setattr(methods, "_LONGEST_KEPT", -1)
            changed.setattr(words, "_LONGEST_KEPT", -1)
            changed.setattr(methods, "_may_be_typed", lambda method, text: True)
            whole = [method._replace(sign=re.compile("")) for method in methods._METHODS.values()]
            changed.setattr(methods, "_METHODS", {method.name: method for method in whole})
            for method in whole:
                changed.setattr(methods, f"_{method.name.upper()}", method)
            return read_card_qr(text, today=dt.date(2026, 1, 1))

    return read_the_long_way


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_is_kept_and_left_out_for_speed_changes_no_reading(kind, long_way):
    """A printed card is read three times as fast as if every word were taken apart anew; nothing else differs."""
    for seed, card in enumerate(made_up_cards(4, seed=77)):
        raw = KINDS[kind].make(qr_text(card), random.Random(seed))
        assert read_card_qr(raw, today=dt.date(2026, 1, 1)) == long_way(raw)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(alphabet="aăâeêioôơuưydđnhgtrsxfjwAĐNTDS0123456789'’^(+`?~.̣́", max_size=9), max_size=6))
def test_text_without_the_sign_of_a_method_holds_no_word_typed_by_it(typed):
    text = " ".join(typed)
    for method in methods._METHODS.values():
        if not method.sign.search(text):
            assert not any(methods._candidates(method, word) for word in method.token.findall(text))


@pytest.mark.parametrize(
    "text",
    [
        "x" * 9000,
        "1" * 8000,
        "|" * 8000,
        "001090900001|" * 600,
        "Aă " * 2700,
        "%41" * 2700,
        "a^" * 4000,
        "&#7877;" * 1100,
        "ấ" * 8000,
    ],
)
def test_long_text_ends_soon(text):
    start = time.process_time()
    assert read_card_qr(text).verdict is Verdict.REFUSED
    assert read_card_qr(PLAIN.format(name=text[:3000], sex="Nam", address=text[:3000])).verdict in Verdict
    assert time.process_time() - start < 3


def test_text_over_the_limit_is_refused_unread():
    assert read_card_qr("0" * (MOST_CHARACTERS + 1)).reason == "too_long"
