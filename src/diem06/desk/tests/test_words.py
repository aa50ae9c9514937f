"""What is said to each code: no code of the reading library comes onto a screen as it is."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import vnlib.identity
from diem06.desk.words import FLAGS, WORDS, words_of
from vnlib.identity.mrz import read_mrz
from vnlib.identity.number import read_number
from vnlib.identity.qr import read_card_qr

DATA = Path(vnlib.identity.__file__).parent / "tests/data"
TODAY = date(2026, 11, 27)


def vectors(name: str, column: str) -> list[str]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as rows:
        return [row[column] for row in csv.DictReader(rows)]


def codes() -> set[str]:
    """Return every reason and flag that the vectors lead to, and zones with a wrong type or with signs misread."""
    zones = [text.replace("\\n", "\n") for text in vectors("mrz_vectors", "mrz")]
    zones += [f"V{zone[1:]}" for zone in zones] + [zone.replace("VNM", "XQZ") for zone in zones]
    cards = vectors("qr_vectors", "raw") + vectors("qr_damage_vectors", "raw")
    readings = [read_mrz(zone, today=TODAY) for zone in zones]
    readings += [read_card_qr(card, today=TODAY) for card in cards]
    readings += [read_number(text, today=TODAY) for text in ("", "12", "x" * 12, "999999999999", "001399999999")]
    return {code for reading in readings for code in (reading.reason, *reading.flags) if code}


def test_every_code_of_a_reading_has_words() -> None:
    found = codes()
    assert {"bad_type", "bad_length", "ocr_filler", "accents_lost"} <= found
    assert {code for code in found if code not in WORDS and code not in FLAGS} == set()


def test_words_say_more_than_the_code() -> None:
    assert [code for code in (*WORDS, *FLAGS) if words_of(code) == code] == []
