from collections import Counter

import pytest

from vnlib.identity.tests.damage_table import OUTCOMES, main, outcome_of, readings
from vnlib.identity.tests.damaged_cards import KINDS


@pytest.fixture(scope="module")
def outcomes():
    found: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for kind, card, _, reading in readings(80):
        found[kind][outcome_of(kind, card, reading)] += 1
    return found


def test_nothing_is_wrongly_accepted(outcomes):
    assert {kind: counts["wrong"] for kind, counts in outcomes.items() if counts["wrong"]} == {}


def test_what_can_be_undone_is_undone(outcomes):
    """Nineteen of twenty reads of each kind that leaves one reading come out right; the rest is refused."""
    poor = {
        kind: dict(counts) for kind, counts in outcomes.items() if KINDS[kind].owed == "repair" and counts["right"] < 76
    }
    assert poor == {}


def test_lost_accents_are_flagged_and_never_invented(outcomes):
    assert outcomes["accents_lost"]["right"] == 0


def test_what_is_lost_is_refused(outcomes):
    kinds = [
        "letters_dropped",
        "letters_question",
        "replacement_character",
        "big5",
        "azerty",
        "qwertz",
        "separators_lost",
        "two_cards",
        "truncated",
    ]
    assert {kind: outcomes[kind]["refused"] for kind in kinds} == dict.fromkeys(kinds, 80)


def test_table_is_printed(capsys):
    assert main(["2"]) == 0
    assert capsys.readouterr().out.splitlines()[0].split() == ["kind", *OUTCOMES]
