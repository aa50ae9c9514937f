"""The Word file of a report, in the form of Nghị định 30/2020/NĐ-CP."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Literal

from diem06.reports.word.tree import Align, Block, Chart, Content, Heading, Mark, Paragraph, Run, Table, UnitText
from vnlib import documents

IDS_PER_DOCUMENT = 10_000
MANY_CATEGORIES = 14
"""Above so many columns of a chart the numbers over them are set smaller."""

_Align = Literal["left", "center", "right", "both"]
_ALIGNS: Mapping[Align, _Align] = {Align.LEFT: "left", Align.CENTER: "center", Align.RIGHT: "right"}


def first_short_id(document: uuid.UUID) -> int:
    """
    Return the first of the 10.000 short ids of a document: other documents have others.

    So a control that was pasted from another report is not taken for one of this report. They have eight or nine digits, as `vnlib.documents` wants.
    """
    return (document.int % 99_000 + 1_000) * IDS_PER_DOCUMENT


def short_ids(content: Content, document: uuid.UUID) -> dict[int, Mark]:
    """Return every mark of the report under its short id, in reading order."""
    marks = content.marks()
    if len(marks) > IDS_PER_DOCUMENT:
        raise ValueError(f"{len(marks)} content controls; a document has at most {IDS_PER_DOCUMENT}.")
    return dict(enumerate(marks, start=first_short_id(document)))


def docx(content: Content, *, document: uuid.UUID, made_at: datetime, properties: Mapping[str, str]) -> bytes:
    """Return the file. `properties` go into its custom properties, beside the list of tags."""
    return _Writer(content, document, made_at, properties).write()


class _Writer:
    def __init__(self, content: Content, document: uuid.UUID, made_at: datetime, properties: Mapping[str, str]) -> None:
        self.content = content
        self._ids: Iterator[int] = iter(short_ids(content, document))
        head = content.head
        self.file = documents.OfficialDocument(
            head=None
            if head is None
            else documents.Head(
                superior=head.superior,
                issuer=head.issuer,
                number_and_symbol=head.number.removeprefix("Số: "),
                place=head.place_and_day.split(", ")[0],
                date_line=head.place_and_day.split(", ", 1)[1],
                about=head.about,
            ),
            kind=content.type_name,
            subject=content.subject if content.type_name else "",
            addressees=content.addressees,
            attached_to=content.attached_to,
            marker=content.notice,
            properties=properties,
            made_at=made_at,
        )

    def write(self) -> bytes:
        if self.content.head is None:
            self.file.subsection(self.content.subject)
        self._blocks(self.file, self.content.body)
        signature = self.content.signature
        if signature:
            self.file.sign(documents.Signer(signature.lines, signature.name), signature.recipients)
        for annex in self.content.annexes:
            self._blocks(self.file.annex(annex.title, landscape=True), annex.blocks)
        return self.file.to_bytes()

    def _blocks(self, into: documents.OfficialDocument | documents.Annex, blocks: Iterable[Block]) -> None:
        for block in blocks:
            match block:
                case Heading(level=1):
                    into.section(block.text)
                case Heading():
                    into.subsection(block.text)
                case Paragraph(is_italic=True):
                    into.paragraph(*(documents.Italic(run.text) for run in block.runs))
                case Paragraph(is_closing=True) if isinstance(into, documents.OfficialDocument):
                    into.close(*map(self._run, block.runs))
                case Paragraph():
                    into.paragraph(*map(self._run, block.runs))
                case UnitText():
                    into.paragraph(self._run(block.mark))
                case Table():
                    into.table(self._table(block))
                case Chart():
                    into.chart(_chart(block))

    def _table(self, table: Table) -> documents.Table:
        plain = next((row for row in table.rows if not row.is_group), None)
        aligns: list[_Align] = [_ALIGNS[cell.align] for cell in plain.cells] if plain else ["left"] * len(table.head)
        return documents.Table(
            columns=[
                documents.Column(title, width, align)
                for title, width, align in zip(table.head, table.widths, aligns, strict=True)
            ],
            rows=[
                documents.GroupRow([self._run(run) for run in row.cells[0].runs])
                if row.is_group
                else [[self._run(run) for run in cell.runs] for cell in row.cells]
                for row in table.rows
            ],
        )

    def _run(self, run: Run) -> documents.Run:
        if isinstance(run, Mark):
            kind = documents.TaggedBlock if "\n" in run.text else documents.Tagged
            return kind(tag=run.tag, short_id=next(self._ids), text=run.text)
        if run.is_bold:
            return documents.Bold(run.text)
        return documents.Italic(run.text) if run.is_italic else run.text


def _chart(chart: Chart) -> documents.Chart:
    known = [value for series in chart.series for value in series.values if value is not None]
    return documents.Chart(
        kind=chart.kind,
        title=chart.title,
        alt=chart.alt,
        categories=chart.categories,
        series=[
            documents.Series(
                series.name,
                [None if value is None else float(value) for value in series.values],
                is_line=series.is_target,
            )
            for series in chart.series
        ],
        # Nothing is above the whole: the axis ends there, unless a share is more than that.
        largest=1.0 if known and 0.8 <= max(known) <= 1 else None,
        label_pt=7 if len(chart.categories) > MANY_CATEGORIES else 9,
    )
