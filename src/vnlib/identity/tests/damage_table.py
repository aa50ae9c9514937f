"""
Prints what the reader makes of each kind of damage: `python -m vnlib.identity.tests.damage_table [CARDS]`.

`repaired` right, `flagged` for a person to confirm, `refused`; `unseen` is a changed letter or digit that nothing on the card can show;
`wrong` is everything else that was accepted with another value than the card's, and must be zero.
"""

import json
import random
import sys
from collections import Counter
from collections.abc import Iterator

from vnlib.identity.card import Card
from vnlib.identity.qr import read_card_qr
from vnlib.identity.reading import Reading, Verdict
from vnlib.identity.tests.damaged_cards import KINDS, NAMES_AND_PLACES, made_up_cards, qr_text, same_words

OUTCOMES = ("right", "flagged", "refused", "unseen", "wrong")
ASKS = {"accents_lost", "unusual_word", "unknown_province", "unknown_field"}
_ONE_KEY = {"key_lost", "key_repeated", "character_changed"}
_LETTERS_COLLAPSE = {"alt_mod_256", "letters_dropped"}


def outcome_of(kind: str, card: Card, reading: Reading) -> str:
    """Return what became of one damaged read."""
    if reading.verdict is Verdict.REFUSED:
        return "refused"
    wrong = [name for name, value in card.as_fields().items() if not _agrees(name, value, reading)]
    if not wrong:
        return "flagged" if ASKS & set(reading.flags) else "right"
    if (
        kind in _ONE_KEY
        and set(wrong) <= {*NAMES_AND_PLACES, "number", "dob", "old_id", "issued", "cancelled_number"}
        and len(wrong) == 1
    ):
        return "flagged" if ASKS & set(reading.flags) else "unseen"
    if kind in _LETTERS_COLLAPSE and set(wrong) <= set(NAMES_AND_PLACES) and "recoded" not in reading.flags:
        return "flagged" if ASKS & set(reading.flags) else "unseen"  # Thử became Thí, another name
    return "wrong"


def _agrees(name: str, value: str, reading: Reading) -> bool:
    found = reading.fields.get(name)
    if name in NAMES_AND_PLACES and found is not None:
        return same_words(found, value, without_accents="accents_lost" in reading.flags)
    return found == value


def readings(cards: int, seed: int = 6) -> Iterator[tuple[str, Card, str, Reading]]:
    """Yield kind, card, damaged text and reading."""
    for kind, (make, _) in KINDS.items():
        chance = random.Random(seed)
        for card in made_up_cards(cards, seed):
            raw = make(qr_text(card), chance)
            yield kind, card, raw, read_card_qr(raw)


def main(arguments: list[str]) -> int:
    """Print the table; 1 if anything was wrongly accepted."""
    show = "--show" in arguments
    counts = [argument for argument in arguments if argument.isdigit()]
    table: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for kind, card, raw, reading in readings(int(counts[0]) if counts else 300):
        outcome = outcome_of(kind, card, reading)
        table[kind][outcome] += 1
        if show and (
            outcome == "wrong"
            or (outcome in {"refused", "flagged"} and KINDS[kind].owed == "repair")
            or (KINDS[kind].owed == "refuse" and outcome in ("right", "flagged"))
        ):
            sys.stdout.write(
                f"{kind} {outcome} {reading.reason} {reading.flags} {json.dumps(raw, ensure_ascii=False)} {dict(reading.fields)}\n"
            )
    sys.stdout.write(f"{'kind':24}" + "".join(f"{outcome:>10}" for outcome in OUTCOMES) + "\n")
    for kind, found in table.items():
        sys.stdout.write(f"{kind:24}" + "".join(f"{found[outcome]:10}" for outcome in OUTCOMES) + "\n")
    return 1 if any(found["wrong"] for found in table.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
