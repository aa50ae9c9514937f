"""What another source says of a figure: beside what counts, with the difference and the rule of the plan that picks one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from diem06.core.roster import Grade, installed_sources
from diem06.core.ui import numbers
from diem06.core.ui.words import GRADES
from diem06.cube.board import PartValue, lines_of
from diem06.cube.engine.sketch import STANDARD_ERROR
from diem06.cube.figures import Figure
from diem06.plan.changes import precedence_on, precedence_row_on
from diem06.plan.model import Plan


@dataclass(frozen=True, kw_only=True)
class Beside:
    """
    One side of a figure, or of one of its parts, as it counts, and all that another source says of it there.

    `part` is 0 for a reading in one; `side` is `num` or `den`; `difference` is what the source says less what counts, `share` that in parts of what counts.
    """

    part: int
    side: str
    side_code: str  # as the list of facts is asked for it: `num`, of the second part `num-2`
    side_words: str
    counted_words: str  # «Bản ghi gốc»: what the number that counts is made of, where it is of one source
    counted: Decimal
    source: str
    source_words: str
    says: Decimal

    @property
    def counted_name(self) -> str:
        return self.counted_words or _("Số được tính")

    @property
    def difference(self) -> Decimal:
        return self.says - self.counted

    @property
    def share(self) -> Decimal | None:
        return abs(self.difference) / abs(self.counted) if self.counted else None

    @property
    def difference_words(self) -> str:
        """«chênh 66 (5,1%)», «hai nguồn như nhau»."""
        if not self.difference:
            return _("hai nguồn như nhau")
        amount = numbers.number(abs(self.difference))
        if self.share is None:
            return _("chênh %(amount)s") % {"amount": amount}
        return _("chênh %(amount)s (%(share)s)") % {"amount": amount, "share": numbers.percent(self.share)}

    @property
    def words(self) -> str:
        """«Bản ghi gốc: 1.234 · Đơn vị báo: 1.300 · chênh 66 (5,1%)»."""
        return " · ".join(
            (
                f"{self.counted_name}: {numbers.number(self.counted)}",
                f"{self.source_words}: {numbers.number(self.says)}",
                self.difference_words,
            )
        )


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Which source counts first, and where that is written; `source` empty: the plan says nothing, so the strongest does."""

    order: tuple[str, ...]
    source: str
    from_day: date | None

    @property
    def words(self) -> str:
        """«bản ghi gốc, rồi nhập từ hệ thống khác, rồi đơn vị báo cáo»."""
        return _(", rồi ").join(_lower(str(GRADES[grade].words)) for grade in self.order)


def beside_of(figure: Figure) -> tuple[Beside, ...]:
    """
    Return what other sources say of the figure, by part and side; nothing where one source speaks alone.

    Of a reading in parts each part stands beside what sources say of that part: no sum of parts is a number of the reading.
    """
    sources = {source.code: source for source in installed_sources()}
    parts = figure.parts or (
        PartValue(numerator=figure.numerator, denominator=figure.denominator, beside=figure.beside),
    )
    return tuple(
        Beside(
            part=number,
            side=side,
            side_code=side_code(side, number, parts=len(parts)),
            side_words=side_words(side, number, parts=len(parts), is_ratio=figure.is_ratio),
            counted_words=_counted_words(figure, number),
            counted=counted,
            source=code,
            source_words=_says_words(sources[code].grade) if code in sources else code,
            says=Decimal(value),
        )
        for number, part in enumerate(parts)
        for side, code, value in part.beside
        if (counted := part.numerator if side == "num" else part.denominator) is not None
    )


def side_words(side: str, part: int, *, parts: int, is_ratio: bool) -> str:
    """Return what a side of a part is called: «Giá trị», «Tử số», «Mẫu số, phần 2»."""
    name = _("Mẫu số") if side == "den" else _("Tử số") if is_ratio else _("Giá trị")
    return _("%(side)s, phần %(part)s") % {"side": name, "part": part + 1} if parts > 1 else name


def side_code(side: str, part: int, *, parts: int) -> str:
    """Return what stands for a side of a part in an address: `num`, of a reading in parts `num-2`."""
    return f"{side}-{part + 1}" if parts > 1 else side


def rules_of(plan: Plan, figure: Figure) -> tuple[Rule, ...]:
    """Return the rules by which the sources of a figure were picked, each once: one, unless its measures have different ones."""
    line = lines_of(plan, figure.last_day)[figure.code]
    found: dict[Rule, None] = {}
    for measure in sorted(line.measures[0] | line.measures[1]):
        row = precedence_row_on(plan, measure, figure.last_day)
        rule = Rule(
            order=precedence_on(plan, measure, figure.last_day),
            source=row.source if row else "",
            from_day=row.from_day if row else None,
        )
        found[rule] = None
    return tuple(found)


def short_words(figure: Figure) -> str:
    """
    Say in a line of a table what another source says: «đơn vị báo 1.300, chênh 66 (5,1%)», of a ratio «đơn vị báo 55,5%, lệch 1,6 điểm».

    Of a reading in parts: of the part that stands for it, whose number the line shows. Empty where there is none.
    """
    said = []
    shown = _part_shown(figure)
    rows = [each for each in beside_of(figure) if each.part == shown]
    for source in dict.fromkeys(each.source for each in rows):
        mine = {each.side: each for each in rows if each.source == source}
        name = _lower(next(iter(mine.values())).source_words)
        if figure.is_ratio and mine.keys() == {"num", "den"} and mine["den"].says and figure.value is not None:
            ratio = mine["num"].says / mine["den"].says
            points = numbers.number(abs(ratio - figure.value) * 100, 1)
            of_part = _("phần %(part)s: %(source)s") % {"part": shown + 1, "source": name} if figure.parts else name
            words = {"source": of_part, "value": numbers.percent(ratio), "points": points}
            if all(not each.difference for each in mine.values()):
                said.append(_("%(source)s cùng số") % words)
            else:
                said.append(_("%(source)s %(value)s, lệch %(points)s điểm") % words)
            continue
        for each in mine.values():
            words = {"source": name, "value": numbers.number(each.says), "difference": each.difference_words}
            if figure.is_ratio:
                words["source"] = f"{_lower(each.side_words)}: {name}"
            said.append(_("%(source)s %(value)s, %(difference)s") % words)
    return "; ".join(said)


def _part_shown(figure: Figure) -> int:
    """Return the number of the part that stands for a reading in parts: the first that has the figure's numbers."""
    shown = PartValue(numerator=figure.numerator, denominator=figure.denominator)
    return figure.parts.index(shown) if shown in figure.parts else 0


def list_url(figure: Figure, **query: str) -> str:
    """Return the address of the figure's list of facts, narrowed as asked."""
    return f"{reverse('figure', args=[figure.key])}?{urlencode(query)}#facts"


def approximate_words() -> str:
    """«ước lượng, sai số khoảng ±1,6%»: what stands at a number that was not counted exactly."""
    return _("ước lượng, sai số khoảng ±%(error)s") % {"error": numbers.percent(Decimal(str(STANDARD_ERROR)))}


def _counted_words(figure: Figure, part: int) -> str:
    """Name the source that counts, where one alone does; `shares` tell of the part that stands for the figure."""
    if len(figure.shares) != 1 or (figure.parts and part != _part_shown(figure)):
        return ""
    return {
        Grade.EVIDENCED: _("Bản ghi gốc"),
        Grade.IMPORTED: _("Số nhập từ hệ thống khác"),
        Grade.DECLARED: _("Đơn vị báo"),
    }[next(iter(figure.shares))]


def _says_words(grade: Grade) -> str:
    return {
        Grade.EVIDENCED: _("Bản ghi gốc"),
        Grade.IMPORTED: _("Hệ thống khác"),
        Grade.DECLARED: _("Đơn vị báo"),
    }[grade]


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
