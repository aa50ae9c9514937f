"""The facts behind one figure as an Excel file: a head that says what it is, and the rows of the page."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from diem06.core.access import Subject
from diem06.core.plans.queries import Loaded
from diem06.core.ui import numbers
from diem06.core.ui.words import GRADES, STANDINGS
from diem06.cube.behind import Behind, FactRow
from diem06.cube.figures import Figure
from diem06.reports.screens.beside import approximate_words
from diem06.reports.screens.figure import FactLine, FigurePage, Listed, SideTotal, Words, side_words
from diem06.reports.screens.formulas import TermWords
from diem06.reports.screens.workbooks import Cell, Moment, Share, Sheet, written

Row = tuple[Cell | Share, ...]
BATCH = 1_000
"""Facts whose records are read at once."""


def figure_workbook(loaded: Loaded, behind: Behind, page: FigurePage, subject: Subject) -> bytes:
    """
    Return the head sheet and the rows under the page's choice: in them a person finds what he may see on the page, no more.

    `behind` is entered.
    """
    name = f"{page.figure.code} · {page.name}"
    about = _("%(whose)s, kỳ %(period)s, %(first)s đến hết %(last)s") % {
        "whose": page.subject,
        "period": page.period_words,
        "first": f"{page.figure.first_day:%d/%m/%Y}",
        "last": f"{page.figure.last_day:%d/%m/%Y}",
    }
    head = Sheet(
        name=_("Con số"),
        lines=(name, about),
        head=(_("Mục"), _("Nội dung")),
        rows=list(_head(page)),
        widths=(30, 90),
        is_record=True,
    )
    words = Words.of(loaded, page.figure, subject)
    rows = Sheet(
        name=_("Số liệu gốc"),
        lines=(name, f"{about}, {page.figure.key}"),
        head=(
            _("Đơn vị"),
            _("Mã địa bàn"),
            _("Địa bàn"),
            _("Phần"),
            _("Số đo"),
            _("Phân loại"),
            _("Giá trị"),
            _("Ngày"),
            _("Ghi nhận"),
            _("Người ghi"),
            _("Lần ghi"),
            _("Nguồn"),
            _("Bản ghi"),
            _("Ghi chú"),
        ),
        rows=_rows(behind, page, words),
        widths=(33, 8, 18, 9, 36, 28, 11, 12, 18, 18, 7, 17, 18, 24),
        frozen=1,
    )
    return written([head, rows], is_made_up=loaded.is_made_up, is_long=True)


def _head(page: FigurePage) -> Iterator[Row]:
    figure = page.figure
    yield _("Chỉ tiêu"), f"{page.indicator.code} · {page.name}"
    if page.reading:
        yield _("Cách hiểu"), page.reading
    yield _("Của"), page.subject
    yield _("Kỳ"), page.period_words
    yield _("Từ ngày"), figure.first_day
    yield _("Đến hết ngày"), figure.last_day
    yield _("Bản"), figure.revision
    yield _("Trạng thái bản"), _state(page)
    yield _("Mã số liệu"), figure.key
    yield _("Giá trị"), Share(value=figure.value) if figure.is_ratio else figure.value
    if figure.is_approximate:
        yield _("Cách đếm"), approximate_words()
    if figure.is_ratio:
        yield _("Tử số"), figure.numerator
        yield _("Mẫu số"), figure.denominator
    yield _("Đếm theo"), page.counted
    yield _("Mục tiêu"), Share(value=figure.target) if figure.is_ratio else figure.target
    yield _("Thời hạn"), figure.deadline
    yield _("Còn thiếu (+), vượt (−)"), figure.gap
    yield _("Trạng thái"), str(STANDINGS[str(figure.standing)].words)
    yield _("Nguồn"), _grades(figure)
    for each in page.beside:
        yield _("Hai nguồn: %(side)s") % {"side": each.side_words}, each.words
    for rule in page.rules:
        yield _("Nguồn nào tính trước"), f"{rule.words}. {rule.source}".strip()
    for number, formula in enumerate(page.formulas, start=1):
        part = _(", phần %(part)s") % {"part": number} if len(page.formulas) > 1 else ""
        yield _("Cách tính") + part, _formula(formula.numerator, formula.denominator)
    for total in page.totals:
        yield _("Số dòng, %(side)s") % {"side": total.words}, total.facts
        yield _total_words(total), total.total
    if page.choice.is_narrowed or page.choice.is_said:
        yield _("Đang lọc"), _narrowed(page)
        for total in page.chosen:
            yield _("Số dòng đang lọc, %(side)s") % {"side": total.words}, total.facts
            yield _("Đang lọc: %(total)s") % {"total": _total_words(total)}, total.total
    yield _("Số dòng trong tệp"), page.facts


def _total_words(total: SideTotal) -> str:
    if total.is_distinct:
        return _("Đếm mỗi người một lần, %(side)s") % {"side": total.words}
    return _("Cộng, %(side)s") % {"side": total.words}


def _state(page: FigurePage) -> str:
    if page.closed and page.closed.is_of_record:
        return _("đã chốt số liệu %(day)s") % {"day": f"{page.closed.closing.closed_at:%d/%m/%Y}"}
    return _("bản hiện nay") if page.is_current else _("bản trước, như đã phát hành")


def _grades(figure: Figure) -> str | None:
    if not figure.grade:
        return None
    if len(figure.shares) < 2:
        return str(GRADES[str(figure.grade)].words)
    return ", ".join(f"{GRADES[str(grade)].words} {numbers.percent(share)}" for grade, share in figure.shares.items())


def _formula(numerator: tuple[TermWords, ...], denominator: tuple[TermWords, ...]) -> str:
    sides = [
        " ".join(f"{term.sign} {_term(term)}".strip() for term in side) for side in (numerator, denominator) if side
    ]
    return " / ".join(f"({side})" if len(sides) > 1 else side for side in sides)


def _term(term: TermWords) -> str:
    return f"{term.name} [{'; '.join(term.filters)}]" if term.filters else term.name


def _narrowed(page: FigurePage) -> str:
    choice, options = page.choice, page.options
    said = [_("mọi số của nguồn khác")] if choice.is_said else []
    if choice.words:
        said.append(f"«{choice.words}»")
    for chosen, among in (
        (choice.unit, options.units),
        (choice.area, options.areas),
        (choice.side, options.sides),
        (choice.source, options.sources),
    ):
        if chosen:
            said.append(dict(among).get(chosen, chosen).removeprefix("— "))
    return ", ".join(said)


def _rows(behind: Behind, page: FigurePage, words: Words) -> Iterator[Row]:
    facts = Listed(behind, words, page.choice)
    sides = side_words(behind)
    for first in range(0, len(facts), BATCH):
        for line in words.lines(facts[first : first + BATCH]):
            yield _row(line, line.fact, sides[line.fact.part, line.fact.side])


def _row(line: FactLine, fact: FactRow, side: str) -> Row:
    record = line.record
    who = record.recorded_by.full_name if record and record.recorded_by and line.may_open else ""
    notes = [record.note] if record and record.note else []
    if record:
        notes += [_("Giải trình: «%(text)s»") % {"text": each.text} for each in record.explanations.all()]
    return (
        line.unit,
        fact.area,
        line.area,
        side,
        line.measure,
        line.dimensions,
        line.fact.amount,
        fact.day,
        Moment(at=fact.recorded_at),
        who,
        record.version if record else "",
        line.source,
        line.named.name if line.named else "",
        "; ".join(notes),
    )
