"""
The Excel template of a unit's report, and what is read from one that comes back.

Nothing is loaded until every cell is right. A cell that the person left as it was when the template was made is no answer of
theirs: what others typed on the page meanwhile stays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from diem06.core.areas.queries import areas_on
from diem06.core.organisation.models import User
from diem06.core.organisation.queries import units_on
from diem06.core.plans.cells import Cell
from diem06.core.plans.queries import Loaded
from diem06.core.sheets import templates
from diem06.core.sheets.reading import Cell as SheetCell
from diem06.core.sheets.reading import Kind, Workbook
from diem06.core.sheets.templates import Column, Keyed, TemplateCell, TemplateRow, TemplateSheet, WholeNumber
from diem06.core.ui.numbers import number as shown
from diem06.reports.actions import Conflict, Entry, current_values
from diem06.reports.entry_form import Words, faults, field_name, last_values, owed_cells
from diem06.reports.models import Heading, Report
from vnlib.text import convert_legacy, detect_legacy, normalise

TEMPLATE: Final = "diem06-entry"
VERSION: Final = "1"
MAX_TEXT: Final = 20_000
MAX_NOTE: Final = 500
# Excel keeps fifteen digits of a number and rounds the rest away without a word.
MAX_IN_EXCEL: Final = 999_999_999_999_999
_VALUE, _NOTE, _TEXT = "value", "note", "text"


# -- the template ----------------------------------------------------------------------------------------------------
def template_of(report: Report, loaded: Loaded, *, at: datetime) -> bytes:
    """Return the template of a report, filled in with what is known so far; sheets in the language of the screen."""
    maker = _Maker(report, loaded)
    return templates.written(
        list(maker.sheets()),
        meta={
            "template": TEMPLATE,
            "version": VERSION,
            "plan": loaded.plan.id,
            "plan_hash": loaded.hash,
            "unit": report.unit,
            "period": report.period.code,
            "made_at": at.isoformat(),
        },
        records=maker.records(),
    )


class _Maker:
    def __init__(self, report: Report, loaded: Loaded) -> None:
        self._report = report
        self._loaded = loaded
        self._unit = units_on(report.period.last_day)[report.unit]
        self._tree = areas_on(report.period.last_day)
        self._cells = list(owed_cells(report, loaded.plan).values())
        self._values = current_values(report)
        self._last = last_values(report, loaded.plan)
        self._words = Words(loaded.plan)
        self._narratives = {row.heading: row for row in report.narratives.all()}

    def records(self) -> dict[str, str]:
        """Return what stood in each filled cell: record and value; for words, version and digest."""
        kept = {field_name(cell): f"{value.record}|{value.value}" for cell, value in self._values.items()}
        return kept | {
            f"n|{heading}": f"{row.version}|{_digest(row.text)}"
            for heading, row in self._narratives.items()
            if row.text
        }

    def sheets(self) -> Iterator[TemplateSheet]:
        """Yield the sheets in the order of the page."""
        usual = self._report.period.last_day
        own = [cell for cell in self._cells if cell.day == usual and not self._is_commune(cell)]
        communes = [cell for cell in self._cells if cell.day == usual and self._is_commune(cell)]
        if own:
            yield self._list(_("A. Số liệu của đơn vị"), own)
        if communes:
            yield self._matrix(_("B. Theo xã, phường, thị trấn"), communes)
        dated = sorted((cell for cell in self._cells if cell.day != usual), key=lambda cell: cell.day)
        for day, cells in groupby(dated, key=lambda cell: cell.day):
            yield from self._dated(day, list(cells))
        yield self._narrative()

    def _dated(self, day: date, cells: list[Cell]) -> Iterator[TemplateSheet]:
        title = _("C. Tại thời hạn %(day)s") % {"day": f"{day:%d-%m-%Y}"}
        by_area = [cell for cell in cells if self._is_commune(cell)]
        rest = [cell for cell in cells if not self._is_commune(cell)]
        if rest:
            yield self._list(title, rest)
        if by_area:
            yield self._matrix(f"{title} ({_('xã')})" if rest else title, by_area)

    def _is_commune(self, cell: Cell) -> bool:
        return self._tree.get(cell.area).level == "commune"

    def _lines(self, title: str, *more: str) -> tuple[str, ...]:
        period = self._report.period
        about = _("%(unit)s · kỳ %(month)s, từ %(first)s đến hết %(last)s") % {
            "unit": self._unit.short,
            "month": f"{period.last_day:%m/%Y}",
            "first": f"{period.first_day:%d/%m/%Y}",
            "last": f"{period.last_day:%d/%m/%Y}",
        }
        made_up = (_("Số liệu giả định, không phải báo cáo thật"),) if self._loaded.is_made_up else ()
        return (title, about, *more, *made_up)

    def _list(self, title: str, cells: Sequence[Cell]) -> TemplateSheet:
        return TemplateSheet(
            name=title,
            lines=self._lines(
                title,
                _(
                    "Nhập số nguyên vào ô vàng. Ô để trống không đổi số đang có. Chi tiết cần nói thêm ghi ở cột ghi chú."
                ),
            ),
            columns=(
                Column(head=_("Số liệu"), width=58),
                Column(head=_("Địa bàn"), width=20),
                Column(head=_("Đơn vị tính"), width=14),
                Column(head=_("Dùng cho"), width=12),
                Column(head=_("Kỳ trước"), width=12),
                Column(head=_("Kỳ này"), width=14, key=_VALUE),
                Column(head=_("Ghi chú"), width=36, key=_NOTE),
            ),
            rows=[self._row(cell) for cell in cells],
        )

    def _row(self, cell: Cell) -> TemplateRow:
        value = self._values.get(cell)
        return TemplateRow(
            key=field_name(cell),
            cells=(
                self._words.of(cell.measure, cell.dimensions),
                self._tree.get(cell.area).name,
                self._words.counted(cell.measure),
                ", ".join(self._words.used_for(cell.measure)),
                self._last_of(cell),
                WholeNumber(value=value.value if value else None),
                templates.Words(value=value.note if value else ""),
            ),
        )

    def _matrix(self, title: str, cells: Sequence[Cell]) -> TemplateSheet:
        keys = list(dict.fromkeys((cell.measure, cell.dimensions, cell.day) for cell in cells))
        by_place = {(cell.area, cell.measure, cell.dimensions, cell.day): cell for cell in cells}
        columns = [Column(head=_("Huyện, thành phố"), width=18), Column(head=_("Xã, phường, thị trấn"), width=22)]
        for measure, dimensions, day in keys:
            columns.append(
                Column(
                    head=self._words.of(measure, dimensions), width=17, key=f"{measure}|{dimensions}|{day.isoformat()}"
                )
            )
            columns.append(Column(head=_("Kỳ trước"), width=9))
        rows = []
        for area in dict.fromkeys(cell.area for cell in cells):
            here = self._tree.get(area)
            filled: list[TemplateCell] = [self._tree.get(here.parent).short_name, here.name]
            for key in keys:
                filled += self._pair(by_place.get((area, *key)))
            rows.append(TemplateRow(key=area, cells=tuple(filled)))
        return TemplateSheet(
            name=title,
            lines=self._lines(title, _("Nhập số nguyên vào ô vàng. Ô để trống không đổi số đang có.")),
            columns=tuple(columns),
            rows=rows,
            frozen_columns=2,
        )

    def _pair(self, cell: Cell | None) -> list[TemplateCell]:
        if cell is None:
            return [None, None]
        value = self._values.get(cell)
        return [WholeNumber(value=value.value if value else None), self._last_of(cell)]

    def _last_of(self, cell: Cell) -> int | None:
        return self._last.get((cell.measure, cell.dimensions, cell.area))

    def _narrative(self) -> TemplateSheet:
        title = _("D. Lời văn")
        written = {Heading(heading): row.text for heading, row in self._narratives.items()}
        return TemplateSheet(
            name=title,
            lines=self._lines(title, _("Mỗi mục một đoạn, phông chữ Unicode. Đoạn này vào thẳng báo cáo tổng hợp.")),
            columns=(Column(head=_("Mục"), width=36), Column(head=_("Nội dung"), width=110, key=_TEXT)),
            rows=[
                TemplateRow(
                    key=f"n|{heading.value}",
                    cells=(str(heading.label), templates.Words(value=written.get(heading, ""))),
                    height=72,
                )
                for heading in Heading
            ],
        )


# -- what comes back -------------------------------------------------------------------------------------------------
class WrongTemplateError(ValueError):
    """A workbook that is not the template of this report; the text says which one is wanted."""


@dataclass(frozen=True, kw_only=True)
class WrongCell:
    """One cell that must be put right before anything is loaded."""

    sheet: str
    coordinate: str
    text: str  # what stands there
    reason: str

    def __str__(self) -> str:
        return _("Trang «%(sheet)s», ô %(cell)s: %(reason)s") % {
            "sheet": self.sheet,
            "cell": self.coordinate,
            "reason": self.reason,
        }


class WrongCellsError(ValueError):
    """Cells that are not right; nothing of the file was loaded."""

    def __init__(self, wrong: Sequence[WrongCell]) -> None:
        super().__init__(f"{len(wrong)} cells are wrong")
        self.wrong = tuple(wrong)


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What loading a file does to the numbers, and how many headings it writes."""

    new: int
    changed: int
    emptied: int
    same: int
    texts: int

    @property
    def changes_nothing(self) -> bool:
        return not (self.new or self.changed or self.emptied or self.texts)


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A template that came back, all right: what the person answered in it."""

    entries: tuple[Entry, ...]
    texts: Mapping[Heading, tuple[str, int | None]]
    counts: Counts
    places: Mapping[Cell, Keyed] = field(repr=False)  # where each cell stands in the file


def read_template(book: Workbook, report: Report, loaded: Loaded) -> Filled:
    """
    Read a filled-in template of `report`.

    Raises WrongTemplateError for a file that is not its template, WrongCellsError with every cell that is wrong: no number,
    not owed, given twice, a part above its whole, old font encodings.
    """
    check_meta(templates.meta_of(book), report, loaded)
    return _Reader(book, report, loaded).filled()


def check_meta(meta: Mapping[str, str], report: Report, loaded: Loaded) -> None:
    """Raise WrongTemplateError unless `meta` says that the file is the template of this report."""
    if meta.get("template") != TEMPLATE:
        raise WrongTemplateError(_("Tệp không phải mẫu của hệ thống. Tải mẫu Excel của kỳ này, điền rồi tải lên."))
    if meta.get("version") != VERSION or meta.get("plan") != loaded.plan.id:
        raise WrongTemplateError(_("Mẫu này không còn dùng. Tải mẫu Excel mới của kỳ này, chép số liệu sang."))
    if (meta.get("unit"), meta.get("period")) != (report.unit, report.period.code):
        units = units_on(report.period.last_day)
        theirs = units.get(meta.get("unit", ""))
        raise WrongTemplateError(
            _("Mẫu này của %(their_unit)s, kỳ %(their_period)s. Trang này nhận mẫu của %(unit)s, kỳ %(period)s.")
            % {
                "their_unit": theirs.short if theirs else meta.get("unit") or "—",
                "their_period": meta.get("period") or "—",
                "unit": units[report.unit].short,
                "period": report.period.code,
            }
        )


class _Reader:
    def __init__(self, book: Workbook, report: Report, loaded: Loaded) -> None:
        self._book = book
        self._report = report
        self._loaded = loaded
        self._tree = areas_on(report.period.last_day)
        self._owed = owed_cells(report, loaded.plan)
        self._values = current_values(report)
        self._made = templates.records_of(book)
        self._narratives = {Heading(row.heading): row for row in report.narratives.all()}
        self._wrong: list[WrongCell] = []
        self._places: dict[Cell, Keyed] = {}
        self._entries: list[Entry] = []
        self._texts: dict[Heading, tuple[str, int | None]] = {}
        self._headings: set[Heading] = set()
        self._same = 0

    def filled(self) -> Filled:
        """Return what the file answers. Raises WrongCellsError."""
        cells = list(templates.keyed_cells(self._book))
        notes = {(keyed.sheet, keyed.row): keyed for keyed in cells if keyed.column == _NOTE}
        for keyed in cells:
            try:
                if keyed.column == _TEXT:
                    self._take_words(keyed)
                elif keyed.column != _NOTE:
                    self._take_number(keyed, notes.get((keyed.sheet, keyed.row)))
            except _RefusedError as refused:
                self._wrong.append(refused.wrong)
        if not self._wrong:
            self._wrong += self._parts_above_wholes()
        if self._wrong:
            raise WrongCellsError(self._wrong)
        return Filled(entries=tuple(self._entries), texts=self._texts, counts=self._counts(), places=self._places)

    # numbers
    def _take_number(self, keyed: Keyed, note_place: Keyed | None) -> None:
        cell = self._owed.get(_name_of(keyed))
        if cell is None:
            if keyed.cell is not None:
                raise _RefusedError(keyed, _("đơn vị không phải nhập ô này; tải mẫu mới của kỳ"))
            return
        if cell in self._places:
            first = self._places[cell]
            told = {"where": f"{first.sheet}, {first.coordinate}"}
            raise _RefusedError(keyed, _("ô này đã có ở %(where)s; xóa dòng chép thừa") % told)
        self._places[cell] = keyed
        value = _number(keyed)
        before = self._values.get(cell)
        known_note = before.note if before else ""
        note = known_note if note_place is None else _words(note_place, most=MAX_NOTE)
        if value is None and note and note != known_note:
            raise _RefusedError(keyed, _("có ghi chú mà chưa có số; nhập số, hoặc xóa ghi chú"))
        made_record, _bar, made_value = self._made.get(field_name(cell), "").partition("|")
        if ("" if value is None else str(value)) == made_value and note == known_note:
            self._same += value is not None
            return
        self._entries.append(Entry(cell=cell, value=value, note=note if value is not None else "", seen=made_record))

    def _parts_above_wholes(self) -> Iterator[WrongCell]:
        """Yield the parts above their whole that this file would bring in; those there already are shown on the page."""
        now = {cell: value.value for cell, value in self._values.items()}
        then = now | {entry.cell: entry.value for entry in self._entries}
        after = {cell: value for cell, value in then.items() if value is not None}
        known = {fault.text for fault in faults(self._loaded.plan, now, self._tree)}
        for fault in faults(self._loaded.plan, after, self._tree):
            place = self._places.get(self._owed[fault.field])
            if fault.text not in known and place is not None:
                yield _RefusedError(place, fault.text).wrong

    # words
    def _take_words(self, keyed: Keyed) -> None:
        heading = next((known for known in Heading if f"n|{known.value}" == keyed.row), None)
        if heading is None or heading in self._headings:
            if keyed.cell is not None:
                raise _RefusedError(keyed, _("không có mục này, hoặc mục đã có ở dòng khác"))
            return
        self._headings.add(heading)
        text = _words(keyed, most=MAX_TEXT)
        row = self._narratives.get(heading)
        version, now = (row.version, row.text) if row else (0, "")
        made_version, _bar, made_digest = self._made.get(keyed.row, "").partition("|")
        if (_digest(text) if text else "") == made_digest or text == now:
            return
        if now and str(version) != made_version:
            raise _RefusedError(keyed, _("mục này vừa được sửa trên trang; chép nội dung vào mẫu mới tải"))
        self._texts[heading] = (text, version)

    def _counts(self) -> Counts:
        new = changed = emptied = 0
        same = self._same
        for entry in self._entries:
            before = self._values.get(entry.cell)
            if entry.value is None:
                emptied += before is not None
            elif before is None:
                new += 1
            elif (before.value, before.note) != (entry.value, entry.note):
                changed += 1
            else:
                same += 1
        return Counts(new=new, changed=changed, emptied=emptied, same=same, texts=len(self._texts))


class _RefusedError(Exception):
    def __init__(self, keyed: Keyed, reason: str) -> None:
        super().__init__(reason)
        text = keyed.cell.text[:80] if keyed.cell else ""
        self.wrong = WrongCell(sheet=keyed.sheet, coordinate=keyed.coordinate, text=text, reason=reason)


def _number(keyed: Keyed) -> int | None:
    if keyed.cell is None:
        return None
    if reason := wrong_number(keyed.cell):
        raise _RefusedError(keyed, reason)
    assert isinstance(keyed.cell.value, Decimal)
    return int(keyed.cell.value)


def _words(keyed: Keyed, *, most: int) -> str:
    if keyed.cell is None:
        return ""
    if reason := wrong_words(keyed.cell, most=most):
        raise _RefusedError(keyed, reason)
    return tidied(keyed.cell.text)


def wrong_number(cell: SheetCell) -> str:
    """Return what is wrong with a cell that must hold a whole number from 0; "" if nothing is."""
    told = {"text": cell.text[:40]}
    match cell.kind:
        case Kind.NUMBER:
            assert isinstance(cell.value, Decimal)
            reason = _wrong_size(cell.value)
        case Kind.TEXT:
            reason = _wrong_text_number(cell.text.strip())
        case Kind.FORMULA:
            reason = _("«%(text)s» là công thức; chép ô, dán giá trị (Paste Values), rồi tải lên lại")
        case Kind.ERROR:
            reason = _("«%(text)s» là lỗi của Excel; nhập số, hoặc xóa ô nếu chưa có số")
        case Kind.DATE:
            reason = _("là ngày hoặc giờ, không phải số; đổi định dạng ô thành số, nhập lại")
        case Kind.BOOLEAN:
            reason = _("là đúng/sai, không phải số; nhập số nguyên")
    return reason % told if "%(" in reason else reason


def _wrong_size(value: Decimal) -> str:
    if value != value.to_integral_value():
        return _("«%(text)s» có phần lẻ; nhập số nguyên")
    if value < 0:
        return _("«%(text)s» nhỏ hơn 0; nhập số từ 0 trở lên")
    if value > MAX_IN_EXCEL:
        return _("«%(text)s» quá lớn, Excel chỉ giữ 15 chữ số; kiểm tra lại số")
    return ""


def _wrong_text_number(text: str) -> str:
    """A text is never taken for a number: «1.234» is a thousand to one reader and one and a bit to another."""
    digits = "".join(char for char in text if char not in "., \u00a0")
    if digits.isdecimal():
        return _("«%(text)s» là chữ, không phải số; gõ lại dạng số, không dấu chấm phẩy")
    return _("«%(text)s» không phải số; nhập số nguyên, ví dụ 1234")


def wrong_words(cell: SheetCell, *, most: int) -> str:
    """Return what is wrong with a cell that must hold words; "" if nothing is."""
    if cell.kind is Kind.FORMULA:
        return _("là công thức; chép ô, dán giá trị (Paste Values), rồi tải lên lại")
    if cell.kind is Kind.ERROR:
        return _("«%(text)s» là lỗi của Excel; nhập chữ, hoặc xóa ô") % {"text": cell.text[:40]}
    encoding = detect_legacy(cell.text, cell.font)
    if encoding:
        proposal = convert_legacy(cell.text, encoding, font_name=cell.font)
        return _("chữ theo phông cũ %(font)s; dán lại bằng phông Unicode: «%(text)s»") % {
            "font": cell.font,
            "text": proposal[:300],
        }
    if len(cell.text) > most:
        return _("dài %(n)s ký tự, nhiều nhất %(most)s; rút gọn lại") % {"n": len(cell.text), "most": most}
    return ""


def tidied(text: str) -> str:
    """Return words as they are stored: Unicode NFC, one kind of line end, no blanks around."""
    return normalise(text.replace("\r\n", "\n").replace("_x000D_", "")).strip()


def conflicts_in(filled: Filled, conflicts: Iterable[Conflict]) -> list[WrongCell]:
    """Say where in the file other people's newer numbers stand."""
    found = []
    for conflict in conflicts:
        place = filled.places[conflict.cell]
        person = User.objects.filter(pk=conflict.by or 0).first()
        reason = _("%(who)s vừa sửa ô này thành %(value)s lúc %(time)s; sửa trên trang, hoặc điền vào mẫu mới tải") % {
            "who": person.full_name if person else _("người khác"),
            "value": "—" if conflict.theirs is None else shown(conflict.theirs),
            "time": f"{timezone.localtime(conflict.at):%H:%M %d/%m}" if conflict.at else "—",
        }
        text = place.cell.text if place.cell else ""
        found.append(WrongCell(sheet=place.sheet, coordinate=place.coordinate, text=text, reason=reason))
    return found


def _name_of(keyed: Keyed) -> str:
    """Return the form name of a number's cell: rows of a list carry it, a matrix has its parts in row and column."""
    if keyed.column == _VALUE:
        return keyed.row
    measure, _bar, rest = keyed.column.partition("|")
    dimensions, _bar, day = rest.rpartition("|")
    return f"v|{measure}|{dimensions}|{keyed.row}|{day}"


def _digest(text: str) -> str:
    return hashlib.sha256(tidied(text).encode()).hexdigest()[:16]
