"""The plan's text ready to be shown: its words verbatim, cut where a clause begins, a target is stated, a word is corrected."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from diem06.core.plans.queries import Loaded
from diem06.plan.model import Clause, Indicator, Paragraph, Plan, Target
from diem06.plan.text import Piece, clause_stretches, occurrences, pieces

HEADINGS = {"heading1": 1, "appendix": 1, "heading2": 2, "heading3": 3}
_PERCENT = re.compile(r"\d+(?:,\d+)?%")
_CAPITALS = re.compile(r"[^\W\d_a-z]{2,}")
_NUMBER = re.compile(r"^(?:[IVX]+|\d+(?:\.\d+)*)\.\s*")


@dataclass(frozen=True, kw_only=True)
class Run:
    """
    Words shown in one way. `begins` are clauses that begin here, inside a paragraph; `right` is what should stand instead of
    the wrong words that end here.
    """

    text: str
    begins: tuple[str, ...] = ()
    is_bold: bool = False
    is_italic: bool = False
    is_note_mark: bool = False
    is_target: bool = False
    is_wrong: bool = False
    right: str = ""


@dataclass(frozen=True, kw_only=True)
class ParagraphText:
    """A paragraph; `begins` are the clauses that begin with it, `level` is that of a heading, 0 for others."""

    address: str
    style: str
    level: int
    begins: tuple[str, ...]
    runs: tuple[Run, ...]


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading, and the addresses of the paragraphs under it up to the next heading of its level or a higher one."""

    address: str
    level: int
    title: str
    addresses: tuple[str, ...]
    clause: str  # that begins with the heading


@dataclass(frozen=True, kw_only=True)
class PlanText:
    paragraphs: tuple[ParagraphText, ...]
    sections: tuple[Section, ...]
    homes: Mapping[str, str]  # paragraph beside which each clause is answered
    places: Mapping[str, str]  # paragraph beside which each indicator stands: where its words are quoted


_texts: dict[tuple[int, str], PlanText] = {}
_KEPT = 8


def plan_text(loaded: Loaded) -> PlanText:
    """Return the text of a loaded plan; made once for each bundle."""
    key = (loaded.bundle, loaded.hash)
    if key not in _texts:
        while len(_texts) >= _KEPT:
            _texts.pop(next(iter(_texts)))
        _texts[key] = _made(loaded.plan)
    return _texts[key]


def _made(plan: Plan) -> PlanText:
    paragraphs = {paragraph.address: paragraph for paragraph in plan.paragraphs}
    targets = _target_words(plan, paragraphs)
    begins: dict[str, list[tuple[int, str]]] = {}
    for clause in plan.clauses:
        if stretches := clause_stretches(clause, paragraphs):
            begins.setdefault(stretches[0].paragraph, []).append((stretches[0].start, clause.id))
    cut = pieces(plan)
    return PlanText(
        paragraphs=tuple(
            ParagraphText(
                address=paragraph.address,
                style=paragraph.style,
                level=HEADINGS.get(paragraph.style, 0),
                begins=tuple(code for start, code in begins.get(paragraph.address, ()) if start == 0),
                runs=tuple(
                    _runs(
                        paragraph,
                        cut[paragraph.address],
                        targets.get(paragraph.address, []),
                        {start: code for start, code in begins.get(paragraph.address, ()) if start > 0},
                    )
                ),
            )
            for paragraph in plan.paragraphs
        ),
        sections=tuple(_sections(plan, {code: address for address, all_ in begins.items() for _start, code in all_})),
        homes={clause.id: _home(clause, paragraphs) for clause in plan.clauses},
        places={indicator.code: _place(plan, indicator, paragraphs) for indicator in plan.indicators},
    )


# -- words ---------------------------------------------------------------------------------------------------------------
def _target_words(plan: Plan, paragraphs: Mapping[str, Paragraph]) -> dict[str, list[tuple[int, int]]]:
    """Return where the percentages of the targets stand in each paragraph."""
    clauses = {clause.id: clause for clause in plan.clauses}
    found: dict[str, set[tuple[int, int]]] = {}
    for indicator in plan.indicators:
        for target in targets_of(indicator):
            if target.document:  # the words of another document
                continue
            for address in _addresses(clauses[target.clause]):
                text = paragraphs[address].text
                for start, end in occurrences(text, target.quote):
                    for percent in _PERCENT.finditer(text, start, end):
                        found.setdefault(address, set()).add(percent.span())
    return {address: sorted(spans) for address, spans in found.items()}


def _runs(
    paragraph: Paragraph, cut: tuple[Piece, ...], targets: list[tuple[int, int]], begins: dict[int, str]
) -> Iterator[Run]:
    """Cut the pieces further, where a target's percentage stands. Pieces follow one another; only `*` marks lie between."""
    at = 0
    for place, piece in enumerate(cut):
        start = paragraph.text.index(piece.text, at)
        at = end = start + len(piece.text)
        following = cut[place + 1] if place + 1 < len(cut) else None
        closes = piece.correction is not None and (following is None or following.correction is not piece.correction)
        cuts = sorted({start, end, *(edge for span in targets for edge in span if start < edge < end)})
        for left, right in pairwise(cuts):
            yield Run(
                text=paragraph.text[left:right],
                begins=tuple(code for position, code in begins.items() if left <= position < right),
                is_bold=piece.is_bold,
                is_italic=piece.is_italic,
                is_note_mark=piece.is_note_mark,
                is_target=any(first <= left and right <= last for first, last in targets),
                is_wrong=piece.correction is not None,
                right=piece.correction.right if piece.correction and closes and right == end else "",
            )


def targets_of(indicator: Indicator) -> tuple[Target, ...]:
    """Return every target that the plan states for an indicator, those of its readings included."""
    return (*indicator.targets, *(target for reading in indicator.readings for target in reading.targets))


# -- places --------------------------------------------------------------------------------------------------------------
def _addresses(clause: Clause) -> list[str]:
    return list(dict.fromkeys(span.paragraph for span in clause.spans))


def _home(clause: Clause, paragraphs: Mapping[str, Paragraph]) -> str:
    """Return the clause's first paragraph that is no heading."""
    addresses = _addresses(clause)
    return next((each for each in addresses if paragraphs[each].style not in HEADINGS), addresses[0])


def _place(plan: Plan, indicator: Indicator, paragraphs: Mapping[str, Paragraph]) -> str:
    """Return the paragraph of the main clause in which the indicator's words stand, else where the clause is at home."""
    clause = next(clause for clause in plan.clauses if clause.id == indicator.clauses[0])
    quotes = [target.quote for target in targets_of(indicator) if not target.document] + (
        [indicator.quote] if indicator.quote else []
    )
    for quote in quotes:
        for address in _addresses(clause):
            if next(occurrences(paragraphs[address].text, quote), None):
                return address
    return _home(clause, paragraphs)


# -- sections ------------------------------------------------------------------------------------------------------------
def _sections(plan: Plan, first_of: Mapping[str, str]) -> Iterator[Section]:
    capitals = _abbreviations(plan)
    clauses = {address: code for code, address in first_of.items()}
    for place, paragraph in enumerate(plan.paragraphs):
        level = HEADINGS.get(paragraph.style, 0)
        if not level:
            continue
        under = [paragraph.address]
        for other in plan.paragraphs[place + 1 :]:
            if 0 < HEADINGS.get(other.style, 0) <= level:
                break
            under.append(other.address)
        yield Section(
            address=paragraph.address,
            level=level,
            title=_title(paragraph.text.replace("*", "").strip(), capitals),
            addresses=tuple(under),
            clause=clauses.get(paragraph.address, ""),
        )


def _abbreviations(plan: Plan) -> frozenset[str]:
    """Return the words that the plan writes in capitals inside its sentences: UBND, CCCD."""
    return frozenset(
        word
        for paragraph in plan.paragraphs
        if paragraph.style in ("para", "dash", "plus")
        for word in _CAPITALS.findall(paragraph.text)
    )


def _title(text: str, capitals: frozenset[str]) -> str:
    """Write a heading of capitals as a sentence, its number kept."""
    if text != text.upper():
        return text
    number = _NUMBER.match(text)
    head = number[0] if number else ""
    words = [word if word.strip(",.;:") in capitals else word.lower() for word in text[len(head) :].split()]
    sentence = " ".join(words)
    return head + sentence[:1].upper() + sentence[1:]


def without_number(title: str) -> str:
    """Return a heading without «6.1.» in front."""
    return _NUMBER.sub("", title)
