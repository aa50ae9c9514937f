"""Which texts say the same: a proposal, for a person to confirm."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from vnlib.text import fold, unify_tone_placement

ALIKE = 0.75
"""From this likeness on two texts are proposed to be folded together."""
_SHINGLE = 2
_WORD = re.compile(r"\w+")


def likeness(one: str, other: str) -> float:
    """
    Return how alike two texts are, 0 to 1; 1 for texts that differ in case, marks, blanks and punctuation alone.

    The larger of two measures: how many pairs of neighbouring words they share, which stands a change of order, and how long the same words
    stand in the same order, which stands a word put in.
    """
    return _likeness(_words(one), _words(other))


def alike(texts: Sequence[str], *, from_likeness: float = ALIKE) -> list[tuple[int, ...]]:
    """
    Return groups of two or more texts that are alike, as places in `texts`; the longest text of each group comes first.

    A text joins the group whose first text it is most alike to, so that a chain of small differences makes no group.
    """
    words = [_words(text) for text in texts]
    groups: list[list[int]] = []
    for place in sorted(range(len(texts)), key=lambda place: (-len(words[place]), place)):
        if not words[place]:
            continue
        nearest = max(groups, key=lambda group: _likeness(words[group[0]], words[place]), default=None)
        if nearest is not None and _likeness(words[nearest[0]], words[place]) >= from_likeness:
            nearest.append(place)
        else:
            groups.append([place])
    return [tuple(group) for group in groups if len(group) > 1]


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(fold(unify_tone_placement(text))))


def _likeness(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    if one == other:
        return 1.0
    if not one or not other:
        return 0.0
    pairs, others = _shingles(one), _shingles(other)
    shared = len(pairs & others) / len(pairs | others)
    # The matcher finds a little more from one side than from the other: the likeness of two texts has no side.
    in_order = max(_in_order(one, other), _in_order(other, one))
    return max(shared, in_order)


def _shingles(words: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    if len(words) < _SHINGLE:
        return frozenset({words})
    return frozenset(pairwise(words))


def _in_order(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE:
        return 0.0
    return matcher.ratio()
