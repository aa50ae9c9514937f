"""
The sections of the compiled report, and what stands in each: pure, from the units' texts and the office's choices.

A section is a heading, or a heading and a part: what was done by pilot, proposals by addressee.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diem06.plan.model import Plan
from diem06.reports.models import Heading, Use

CENTRE, CHAIRMAN = "centre", "chairman"
_CENTRAL = ("Bộ ", "Chính phủ", "Thủ tướng", "Trung ương", "trung ương", "Việt Nam", "Quốc hội", "C06")
_TOKEN = re.compile(r"\{([A-Za-z][A-Za-z0-9.]*)(?::(val|num|den|target|gap))?\}")


@dataclass(frozen=True, kw_only=True)
class SectionKey:
    """`part` is a pilot for what was done («» for units without one), the addressee of a proposal; else empty."""

    heading: Heading
    part: str = ""

    def __str__(self) -> str:
        return f"{self.heading.value}:{self.part}" if self.part else self.heading.value


@dataclass(frozen=True, kw_only=True)
class Said:
    """What one unit wrote under one heading, as it stands. `is_approved`: its head approved the report that holds it."""

    narrative: int
    version: int
    unit: str
    heading: Heading
    text: str
    is_approved: bool


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the office chose for one text; `into` is the narrative that it was folded into."""

    use: Use
    into: int | None = None


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A text as it goes into the report, with all who wrote the same: first the unit whose words stand there."""

    said: Said
    others: tuple[Said, ...] = ()

    @property
    def all(self) -> tuple[Said, ...]:
        return (self.said, *self.others)


@dataclass(frozen=True, kw_only=True)
class Written:
    """What the office wrote itself for a section, and the ids of the units' texts that it was written from."""

    text: str
    version: int
    sources: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Section:
    """`said` are all texts of the section, `passages` what is left of them by the office's choices."""

    key: SectionKey
    said: tuple[Said, ...]
    passages: tuple[Passage, ...]
    written: Written | None = None

    @property
    def is_rewritten(self) -> bool:
        return self.written is not None and bool(self.written.text)

    @property
    def changed_since(self) -> tuple[Said, ...]:
        """Texts that units wrote, or wrote anew, after the office wrote its own."""
        if self.written is None or not self.written.text:
            return ()
        return tuple(said for said in self.said if said.narrative not in self.written.sources)


def section_keys(plan: Plan) -> tuple[SectionKey, ...]:
    """Return the sections in the order of the report."""
    pilots = sorted(plan.pilots, key=lambda pilot: pilot.code != plan.report.provincial_pilot)
    done = [SectionKey(heading=Heading.DONE, part=part) for part in ("", *(pilot.code for pilot in pilots))]
    judged = (Heading.GOOD, Heading.SHORTCOMINGS, Heading.DIFFICULTIES, Heading.CAUSES, Heading.NEXT_MONTH)
    proposals = [SectionKey(heading=Heading.PROPOSALS, part=part) for part in (CENTRE, CHAIRMAN)]
    return (*done, *(SectionKey(heading=heading) for heading in judged), *proposals)


def sections(
    plan: Plan,
    said: Sequence[Said],
    *,
    pilots: Mapping[str, frozenset[str]],
    choices: Mapping[int, Choice],
    written: Mapping[str, Written],
) -> dict[str, Section]:
    """Return every section by its key. `pilots` are those of each unit; a unit with several stands in each of them."""
    found = {}
    for key in section_keys(plan):
        here = tuple(each for each in said if each.heading is key.heading and _belongs(each, key, pilots))
        found[str(key)] = Section(key=key, said=here, passages=passages(here, choices), written=written.get(str(key)))
    return found


def _belongs(said: Said, key: SectionKey, pilots: Mapping[str, frozenset[str]]) -> bool:
    if key.heading is Heading.DONE:
        own = pilots.get(said.unit, frozenset())
        return key.part in own if key.part else not own
    if key.heading is Heading.PROPOSALS:
        return is_central(said.text) == (key.part == CENTRE)
    return True


def is_central(text: str) -> bool:
    """Does a proposal name a central body? Then it goes to the centre, else to the chairman."""
    return any(name in text for name in _CENTRAL)


def passages(said: Sequence[Said], choices: Mapping[int, Choice]) -> tuple[Passage, ...]:
    """
    Return what goes into the report: a text that was left out is gone, one that was folded stands with the other.

    Where the other one is not here (left out, or its unit wrote anew) the folded text stands for itself, so that nothing gets lost.
    The same words of several units stand once without a choice.
    """
    kept = {each.narrative: each for each in said if _use(choices, each) is not Use.LEFT_OUT}
    leaders: dict[int, list[Said]] = {}
    by_text: dict[str, int] = {}
    followers: list[tuple[Said, int]] = []
    for each in kept.values():
        into = _leader(each.narrative, kept, choices)
        if into != each.narrative:
            followers.append((each, into))
            continue
        words = " ".join(each.text.split())
        if words in by_text:
            leaders[by_text[words]].append(each)
        else:
            by_text[words] = each.narrative
            leaders[each.narrative] = [each]
    stands_in = {member.narrative: leader for leader, members in leaders.items() for member in members}
    for each, into in followers:
        leaders[stands_in[into]].append(each)
    return tuple(Passage(said=members[0], others=tuple(members[1:])) for members in leaders.values())


def _leader(narrative: int, kept: Mapping[int, Said], choices: Mapping[int, Choice]) -> int:
    """Follow the folds to a text that stands for itself; a circle ends where it began."""
    seen = {narrative}
    while (choice := choices.get(narrative)) and choice.use is Use.FOLDED and choice.into in kept:
        assert choice.into is not None
        if choice.into in seen:
            return min(seen)
        narrative = choice.into
        seen.add(narrative)
    return narrative


def _use(choices: Mapping[int, Choice], said: Said) -> Use:
    choice = choices.get(said.narrative)
    return choice.use if choice else Use.OWN


def composed(section: Section) -> str:
    """Return the section as one text to begin a rewriting with: a paragraph for each passage."""
    return "\n".join(passage.said.text for passage in section.passages)


# -- figures in what the office writes -----------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Token:
    """A figure in a text of the office: «{P9}» is the value of P9 in the period, «{P9:num}» its numerator."""

    code: str
    part: str


def pieces(text: str) -> list[str | Token]:
    """Part a text into words and the figures between them."""
    found: list[str | Token] = []
    end = 0
    for match in _TOKEN.finditer(text):
        if match.start() > end:
            found.append(text[end : match.start()])
        found.append(Token(code=match[1], part=match[2] or "val"))
        end = match.end()
    if end < len(text):
        found.append(text[end:])
    return found


def tokens(text: str) -> list[Token]:
    return [piece for piece in pieces(text) if isinstance(piece, Token)]
