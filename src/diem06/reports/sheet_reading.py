"""
What is read from a filled-in template of a unit's report, and from a block pasted into its page.

A cell that the person left as it was when the template was made is no answer of theirs: what others typed on the page
meanwhile stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from django.utils.translation import gettext as _

from diem06.core.areas.queries import areas_on
from diem06.core.organisation.queries import units_on
from diem06.core.plans.cells import Cell
from diem06.core.plans.queries import Loaded
from diem06.core.sheets import templates
from diem06.core.sheets.columns import Answers, Read, read_whole, read_words
from diem06.core.sheets.declared import ReadCell, ReadRow, WrongFileError
from diem06.core.sheets.reading import Workbook
from diem06.core.sheets.templates import Keyed
from diem06.core.ui.numbers import number as shown
from diem06.reports.cell_names import field_name
from diem06.reports.entry_form import EntryError, Words, faults, owed_cells, parse_value
from diem06.reports.models import Heading, Report
from diem06.reports.queries import absent_cells, current_values
from diem06.reports.sheet_template import NOTE, TEMPLATE, TEXT, VALUE, VERSION, digest

MAX_TEXT: Final = 20_000
MAX_NOTE: Final = 500
HEADING_PREFIX: Final = "n|"
SHOWN_TEXT: Final = 300


class WrongTemplateError(WrongFileError):
    """A workbook that is not the template of this report; the text says which one is wanted."""


def check_meta(meta: Mapping[str, str], report: Report, loaded: Loaded) -> None:
    """Raise WrongTemplateError unless `meta` says that the file is the template of this report."""
    if meta.get("template") != TEMPLATE:
        raise WrongTemplateError(_("Tệp không phải mẫu của hệ thống. Tải mẫu Excel của kỳ này, điền rồi tải lên."))
    if meta.get("plan") != loaded.plan.id:
        told = {"their_plan": meta.get("plan") or "—", "plan": loaded.plan.id}
        raise WrongTemplateError(
            _("Mẫu này của kế hoạch %(their_plan)s. Trang này nhận mẫu của kế hoạch %(plan)s.") % told
        )
    if meta.get("version") != VERSION:
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


class EntryReader:
    """Reads what came for one report, row by row; a row is one number with its note, or the words under one heading."""

    def __init__(self, report: Report, loaded: Loaded, answers: Answers) -> None:
        self._report = report
        self._loaded = loaded
        self._answers = answers
        self._tree = areas_on(report.period.last_day)
        self._own_area = units_on(report.period.last_day)[report.unit].area
        self._owed = owed_cells(report, loaded.plan)
        self._values = current_values(report)
        self._absent = absent_cells(report)
        self._words = Words(loaded.plan)
        self._rows: dict[str, ReadRow] = {}  # by key: the right ones and the wrong ones whose cell is known
        self._lost: list[ReadRow] = []  # of no cell that is owed, or given twice
        self._places: dict[str, Keyed] = {}

    # -- a file ------------------------------------------------------------------------------------------------------
    def of_book(self, book: Workbook) -> tuple[list[ReadRow], list[str]]:
        """Return the rows of a template, and what the person should know of it. Raises WrongTemplateError."""
        meta = templates.meta_of(book)
        check_meta(meta, self._report, self._loaded)
        is_old = meta.get("plan_hash") != self._loaded.hash
        made = templates.records_of(book)
        cells = list(templates.keyed_cells(book))
        notes = {(keyed.sheet, keyed.row): keyed for keyed in cells if keyed.column == NOTE}
        for keyed in cells:
            if keyed.column == TEXT:
                self._take_words(keyed, made.get(keyed.row, ""))
            elif keyed.column != NOTE:
                self._take_number(keyed, notes.get((keyed.sheet, keyed.row)), made, is_old=is_old)
        self._name_parts_above_wholes()
        return [*self._rows.values(), *self._lost], list(self._told_of(book, is_old=is_old))

    def _told_of(self, book: Workbook, *, is_old: bool) -> Iterator[str]:
        if is_old:
            yield _(
                "Mẫu này làm trước khi kế hoạch thay đổi. Ô không còn phải nhập được nêu tên; số mới xem ở mẫu mới."
            )
        hidden = {
            keyed.coordinate
            for keyed in self._places.values()
            if keyed.cell and (page := book.sheet(keyed.sheet)) and keyed.cell.row in page.hidden_rows
        }
        if hidden:
            yield _("%(n)s ô nằm ở dòng ẩn của tệp, vẫn được đọc: %(cells)s.") % {
                "n": len(hidden),
                "cells": ", ".join(sorted(hidden)[:10]),
            }
        if names := [page.name for page in book.sheets if not page.is_visible and page.name != templates.META]:
            yield _("Không đọc trang ẩn: %(names)s.") % {"names": ", ".join(names)[:200]}

    def _take_number(self, keyed: Keyed, note_place: Keyed | None, made: Mapping[str, str], *, is_old: bool) -> None:
        name = name_of(keyed)
        cell = self._owed.get(name)
        if cell is None:
            if keyed.cell is not None:
                reason = (
                    _("kế hoạch đã thay đổi, đơn vị không còn phải nhập ô này; xóa số")
                    if is_old
                    else _("đơn vị không phải nhập ô này; tải mẫu mới của kỳ")
                )
                self._lost.append(self._wrong(keyed, reason, label=self._label_of(name)))
            return
        if name in self._places:
            if keyed.cell is not None:
                first = self._places[name]
                reason = _("ô này đã có ở %(where)s; xóa dòng chép thừa") % {
                    "where": f"{first.sheet}, {first.coordinate}"
                }
                self._lost.append(self._wrong(keyed, reason, label=self._label(cell)))
            return
        self._places[name] = keyed
        known_note = self._known_note(cell)
        number = read_whole(keyed.cell, self._answers) if keyed.cell else Read()
        note = Read(value=known_note)
        if note_place is not None:
            note = read_words(note_place.cell, self._answers, most=MAX_NOTE) if note_place.cell else Read(value="")
        shown_cells = [self._cell(VALUE, keyed, number)]
        if note_place is not None and note_place.cell is not None:
            shown_cells.append(self._cell(NOTE, note_place, note))
        made_record, _bar, made_value = made.get(name, "").partition("|")
        is_wrong = bool(number.reason or note.reason)
        as_made = not is_wrong and ("" if number.value is None else str(number.value)) == made_value
        is_untouched = as_made and (note.value or "") == known_note
        if is_untouched and number.value is None:
            return  # a blank input says nothing
        self._rows[name] = ReadRow(
            sheet=keyed.sheet,
            at=keyed.coordinate,
            key=name,
            label=self._label(cell),
            cells=tuple(shown_cells),
            values=None if is_wrong else {"value": number.value, "note": note.value or ""},
            made=made_record,
            untouched=is_untouched,
        )

    def _take_words(self, keyed: Keyed, made: str) -> None:
        heading = next((known for known in Heading if f"{HEADING_PREFIX}{known.value}" == keyed.row), None)
        if heading is None or keyed.row in self._rows:
            if keyed.cell is not None:
                self._lost.append(self._wrong(keyed, _("không có mục này, hoặc mục đã có ở dòng khác"), column=TEXT))
            return
        words = read_words(keyed.cell, self._answers, most=MAX_TEXT) if keyed.cell else Read(value="")
        made_version, _bar, made_digest = made.partition("|")
        is_untouched = not words.reason and (digest(words.value) if words.value else "") == made_digest
        if is_untouched and not words.value:
            return
        self._rows[keyed.row] = ReadRow(
            sheet=keyed.sheet,
            at=keyed.coordinate,
            key=keyed.row,
            label=str(heading.label),
            cells=(self._cell(TEXT, keyed, words),),
            values=None if words.reason else {"text": words.value},
            made=made_version,
            untouched=is_untouched,
        )

    def _name_parts_above_wholes(self) -> None:
        """Name the parts above their whole that this file would bring in; those there already are shown on the page."""
        now = {cell: value.value for cell, value in self._values.items()}
        then: dict[Cell, Any] = dict(now)
        for name, row in self._rows.items():
            if name in self._owed and row.values is not None and not row.untouched:
                then[self._owed[name]] = row.values["value"]
        after = {cell: value for cell, value in then.items() if value is not None}
        known = {fault.text for fault in faults(self._loaded.plan, now, self._tree)}
        for fault in faults(self._loaded.plan, after, self._tree):
            if fault.text in known:
                continue
            if told := self._rows.get(fault.field):
                first, *rest = told.cells
                cells = (replace(first, reason=first.reason or fault.text), *rest)
                self._rows[fault.field] = replace(told, values=None, cells=cells, untouched=False)
            elif (place := self._places.get(fault.field)) is not None:
                self._lost.append(self._wrong(place, fault.text, label=self._label(self._owed[fault.field])))

    # -- a pasted block ----------------------------------------------------------------------------------------------
    def of_block(self, block: Sequence[Mapping[str, str]]) -> list[ReadRow]:
        """Return the rows of pasted cells, each {name, text, [seen]}. A blank text says nothing."""
        for cell in block:
            self._take_pasted(cell.get("name", ""), cell.get("text", ""), cell.get("seen"))
        self._name_parts_above_wholes()
        return [*self._rows.values(), *self._lost]

    def _take_pasted(self, name: str, text: str, seen: str | None) -> None:
        cell = self._owed.get(name)
        told = ReadCell(column=VALUE, text=text[:SHOWN_TEXT])
        if cell is None or name in self._rows:
            reason = _("đơn vị không phải nhập ô này") if cell is None else _("ô này đã có trong khối dán")
            self._lost.append(ReadRow(label=self._label_of(name), cells=(replace(told, reason=reason),)))
            return
        try:
            value = parse_value(text)
        except EntryError as fault:
            row = ReadRow(key=name, label=self._label(cell), cells=(replace(told, reason=str(fault)),), made=seen)
        else:
            if value is None:
                return
            row = ReadRow(
                key=name,
                label=self._label(cell),
                cells=(replace(told, shown=shown(value)),),
                values={"value": value, "note": self._known_note(cell)},
                made=seen,
            )
        self._rows[name] = row

    # -- parts -------------------------------------------------------------------------------------------------------
    def _known_note(self, cell: Cell) -> str:
        if value := self._values.get(cell):
            return value.note
        absent = self._absent.get(field_name(cell))
        return absent.reason if absent else ""

    def _label(self, cell: Cell) -> str:
        words = self._words.of(cell.measure, cell.dimensions)
        place = "" if cell.area == self._own_area else f", {self._tree.get(cell.area).name}"
        return f"{words}{place}" if cell.day == self._report.period.last_day else f"{words}{place}, {cell.day:%d/%m/%Y}"

    def _label_of(self, name: str) -> str:
        """Return what a cell that is not owed is called, as far as the plan still knows it."""
        parts = name.split("|")
        known = {measure.code for measure in self._loaded.plan.measures}
        return self._words.of(parts[1], parts[2]) if len(parts) == 5 and parts[1] in known else ""

    @staticmethod
    def _cell(column: str, keyed: Keyed, read: Read) -> ReadCell:
        value = shown(read.value) if isinstance(read.value, int) else str(read.value or "")
        return ReadCell(
            column=column,
            at=keyed.coordinate,
            text=keyed.cell.text[:SHOWN_TEXT] if keyed.cell else "",
            shown="" if read.reason else value[:SHOWN_TEXT],
            reason=read.reason,
            asks=read.asks,
            proposal=read.proposal[:SHOWN_TEXT],
        )

    def _wrong(self, keyed: Keyed, reason: str, *, label: str = "", column: str = VALUE) -> ReadRow:
        read = self._cell(column, keyed, Read(reason=reason))
        return ReadRow(sheet=keyed.sheet, at=keyed.coordinate, label=label, cells=(read,))


def name_of(keyed: Keyed) -> str:
    """Return the form name of a number's cell: rows of a list carry it, a matrix has its parts in row and column."""
    if keyed.column == VALUE:
        return keyed.row
    measure, _bar, rest = keyed.column.partition("|")
    dimensions, _bar, day = rest.rpartition("|")
    return f"v|{measure}|{dimensions}|{keyed.row}|{day}"
