"""
The text of a plan: where clauses and corrections stand in it.

Words are sought after folding, so that white space, bold and italic marks and note marks do not matter. Offsets are those of
`Paragraph.text` as it stands, marks included.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from diem06.plan.model import Clause, Correction, Paragraph, Plan, Span

_MARK = re.compile(r"\*\*|\*|[¹²³⁴⁵⁶⁷⁸⁹⁰]+")
_DROPPED = frozenset("*¹²³⁴⁵⁶⁷⁸⁹⁰")


def folded(text: str) -> str:
    """Return the text in NFC with one space for any white space, and without `*` and note marks."""
    return " ".join("".join(c for c in unicodedata.normalize("NFC", text) if c not in _DROPPED).split())


@dataclass(frozen=True)
class Stretch:
    """Part of a paragraph: from `start` up to and without `end`, offsets in its text."""

    paragraph: str
    start: int
    end: int


@dataclass(frozen=True)
class Located:
    """A correction of a clause and where its wrong words stand."""

    correction: Correction
    stretch: Stretch


@dataclass(frozen=True, kw_only=True)
class Piece:
    """
    A run of a paragraph that is shown in one way, without its marks.

    `clauses` holds the ids of the clauses that it belongs to, in plan order; `correction` what should stand here instead.
    """

    text: str
    clauses: tuple[str, ...] = ()
    correction: Correction | None = None
    is_bold: bool = False
    is_italic: bool = False
    is_note_mark: bool = False


def occurrences(text: str, words: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each place where `words` stand in `text`, both folded; offsets are those of `text`."""
    plain, offsets = _folded_with_offsets(text)
    sought = folded(words)
    at = plain.find(sought) if sought else -1
    while at >= 0:
        yield offsets[at], offsets[at + len(sought) - 1] + 1
        at = plain.find(sought, at + len(sought))


def resolve(span: Span, paragraph: Paragraph) -> Stretch | None:
    """Return where `span` stands in its paragraph; None where its `starts`, or its `ends` after them, are not found."""
    start, end = 0, len(paragraph.text)
    if span.starts:
        first = next(occurrences(paragraph.text, span.starts), None)
        if first is None:
            return None
        start = first[0]
    if span.ends:
        last = next((found for found in occurrences(paragraph.text, span.ends) if found[1] > start), None)
        if last is None:
            return None
        end = last[1]
    return Stretch(paragraph.address, start, end)


def clause_stretches(clause: Clause, paragraphs: Mapping[str, Paragraph]) -> tuple[Stretch, ...]:
    """Return the stretches of a clause in the order of its spans, without those that are not found."""
    found = (resolve(span, paragraphs[span.paragraph]) for span in clause.spans if span.paragraph in paragraphs)
    return tuple(stretch for stretch in found if stretch)


def clause_text(clause: Clause, paragraphs: Mapping[str, Paragraph]) -> str:
    """Return the folded text of a clause: its stretches joined by a space."""
    stretches = clause_stretches(clause, paragraphs)
    return folded(" ".join(paragraphs[each.paragraph].text[each.start : each.end] for each in stretches))


def clause_corrections(clause: Clause, paragraphs: Mapping[str, Paragraph]) -> tuple[Located, ...]:
    """Return each place in the clause where the wrong words of one of its corrections stand."""
    return tuple(
        Located(correction, Stretch(stretch.paragraph, start, end))
        for correction in clause.corrections
        for stretch in clause_stretches(clause, paragraphs)
        for start, end in occurrences(paragraphs[stretch.paragraph].text, correction.wrong)
        if stretch.start <= start and end <= stretch.end
    )


def pieces(plan: Plan) -> dict[str, tuple[Piece, ...]]:
    """Return each paragraph, by address, cut into pieces: the plan's text ready to be shown with its clauses."""
    paragraphs = {paragraph.address: paragraph for paragraph in plan.paragraphs}
    stretches: dict[str, list[tuple[Stretch, str]]] = defaultdict(list)
    corrections: dict[str, list[Located]] = defaultdict(list)
    for clause in plan.clauses:
        for stretch in clause_stretches(clause, paragraphs):
            stretches[stretch.paragraph].append((stretch, clause.id))
        for located in clause_corrections(clause, paragraphs):
            corrections[located.stretch.paragraph].append(located)
    return {
        address: tuple(_cut(paragraph.text, stretches[address], corrections[address]))
        for address, paragraph in paragraphs.items()
    }


def _cut(text: str, clauses: list[tuple[Stretch, str]], corrections: list[Located]) -> Iterator[Piece]:
    marks = list(_MARK.finditer(text))
    places = [stretch for stretch, _ in clauses] + [located.stretch for located in corrections]
    cuts = {0, len(text)} | {cut for place in places for cut in (place.start, place.end)}
    cuts |= {cut for mark in marks for cut in mark.span()}
    toggles = {mark.start(): mark[0] for mark in marks}
    bold = italic = False
    for start, end in pairwise(sorted(cuts)):
        mark = toggles.get(start, "")
        if mark in {"*", "**"}:
            bold, italic = bold ^ (mark == "**"), italic ^ (mark == "*")
            continue
        yield Piece(
            text=text[start:end],
            clauses=tuple(_in_order(name for stretch, name in clauses if _covers(stretch, start, end))),
            correction=next((each.correction for each in corrections if _covers(each.stretch, start, end)), None),
            is_bold=bold,
            is_italic=italic,
            is_note_mark=bool(mark),
        )


def _covers(stretch: Stretch, start: int, end: int) -> bool:
    return stretch.start <= start and end <= stretch.end


def _in_order(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _folded_with_offsets(text: str) -> tuple[str, list[int]]:
    """Fold the text as `folded` does and tell for each letter where it stands; the text must be in NFC."""
    letters: list[str] = []
    offsets: list[int] = []
    for offset, letter in enumerate(text):
        if letter in _DROPPED:
            continue
        if letter.isspace():
            if letters and letters[-1] != " ":
                letters.append(" ")
                offsets.append(offset)
            continue
        letters.append(letter)
        offsets.append(offset)
    return "".join(letters), offsets
