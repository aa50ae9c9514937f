"""What the compiling page shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from diem06.core.organisation.queries import UnitOn
from diem06.plan.model import Plan
from diem06.reports.compiling.likeness import alike
from diem06.reports.compiling.sections import CENTRE, Said, Section, SectionKey, composed
from diem06.reports.models import Heading, Narrative, Use


@dataclass(frozen=True, kw_only=True)
class Line:
    """One unit's text in its section. `into` names the unit whose text it was folded into, `others` who was folded into it."""

    said: Said
    unit: str
    use: str
    into: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Texts that seem to say the same: `keep` is the one that would stay."""

    keep: Said
    fold: tuple[Said, ...]
    units: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A run of words of two texts set against each other."""

    kind: Literal["same", "gone", "new"]
    text: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a unit wrote after the office had compiled the section."""

    unit: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One section on the page. `version` is that of the office's text, 0 for none."""

    key: str
    anchor: str
    title: str
    lines: tuple[Line, ...]
    proposals: tuple[Proposal, ...]
    written: str
    version: int
    draft: str
    changes: tuple[Change, ...]
    unapproved: int


def panels(plan: Plan, found: Mapping[str, Section], units: Mapping[str, UnitOn]) -> list[Panel]:
    """Return the sections in the order of the report."""
    earlier = _earlier(found)
    return [_panel(plan, section, units, earlier) for section in found.values()]


def title_of(plan: Plan, key: SectionKey) -> str:
    """Name a section as the report does."""
    if key.heading is Heading.DONE:
        if not key.part:
            return _("Chỉ đạo, điều hành")
        pilot = next(pilot for pilot in plan.pilots if pilot.code == key.part)
        title = pilot.short_title_en if (get_language() or "vi").startswith("en") else pilot.short_title
        return _("Đã làm: %(pilot)s") % {"pilot": title}
    if key.heading is Heading.PROPOSALS:
        return _("Kiến nghị với Trung ương") if key.part == CENTRE else _("Kiến nghị với Chủ tịch UBND tỉnh")
    return str(key.heading.label)


def _panel(plan: Plan, section: Section, units: Mapping[str, UnitOn], earlier: Mapping[int, str]) -> Panel:
    def short(unit: str) -> str:
        return units[unit].short if unit in units else unit

    leader = {each.narrative: passage for passage in section.passages for each in passage.all}
    lines = []
    for said in section.said:
        passage = leader.get(said.narrative)
        if passage is None:
            lines.append(Line(said=said, unit=short(said.unit), use=Use.LEFT_OUT))
        elif passage.said.narrative == said.narrative:
            others = tuple(short(each.unit) for each in passage.others)
            lines.append(Line(said=said, unit=short(said.unit), use=Use.OWN, others=others))
        else:
            lines.append(Line(said=said, unit=short(said.unit), use=Use.FOLDED, into=short(passage.said.unit)))
    own = [line.said for line in lines if line.use == Use.OWN]
    return Panel(
        key=str(section.key),
        anchor=str(section.key).replace(":", "-"),
        title=title_of(plan, section.key),
        lines=tuple(lines),
        proposals=tuple(
            Proposal(
                keep=own[group[0]],
                fold=tuple(own[place] for place in group[1:]),
                units=tuple(short(own[place].unit) for place in group),
            )
            for group in alike([said.text for said in own])
        ),
        written=section.written.text if section.written else "",
        version=section.written.version if section.written else 0,
        draft=composed(section),
        changes=tuple(
            Change(unit=short(said.unit), pieces=tuple(difference(earlier.get(said.narrative, ""), said.text)))
            for said in section.changed_since
        ),
        unapproved=sum(not said.is_approved for said in section.said),
    )


def _earlier(found: Mapping[str, Section]) -> dict[int, str]:
    """Return for each text that is new to the office the one of the same unit that it was compiled from."""
    changed = {said.narrative for section in found.values() for said in section.changed_since}
    if not changed:
        return {}
    sources = {source for section in found.values() if section.written for source in section.written.sources}
    old = {(row.report_id, row.heading): row.text for row in Narrative.every.filter(pk__in=sources).order_by("version")}
    new = Narrative.objects.filter(pk__in=changed)
    return {row.pk: old.get((row.report_id, row.heading), "") for row in new}


def difference(before: str, after: str) -> list[Piece]:
    """Set two texts against each other, word by word."""
    one, other = before.split(), after.split()
    found = []
    for kind, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Piece(kind="same", text=" ".join(one[a:b])))
            continue
        if a < b:
            found.append(Piece(kind="gone", text=" ".join(one[a:b])))
        if c < d:
            found.append(Piece(kind="new", text=" ".join(other[c:d])))
    return found
