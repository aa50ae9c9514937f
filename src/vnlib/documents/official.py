"""The document as its author builds it: content in order, the form comes by itself."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vnlib.documents.content import Cell, Chart, GroupRow, Head, Run, Signer, Table, Tagged, runs_of
from vnlib.documents.errors import ControlError
from vnlib.documents.names import CONTROL_PROPERTY

Emphasis = Literal["body", "section", "subsection", "closing"]

LONGEST_PROPERTY = 255


@dataclass(frozen=True, slots=True)
class Paragraph:
    kind: Emphasis
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class SignatureBlock:
    signer: Signer
    recipients: tuple[str, ...]


Block = Paragraph | Table | Chart | SignatureBlock


class _Body:
    """What main text and annexes have in common. `tags` is shared by all parts of one document."""

    def __init__(self, tags: dict[int, str]) -> None:
        self._tags = tags
        self.blocks: list[Block] = []

    def paragraph(self, *runs: Run) -> None:
        """Add one paragraph, justified, its first line indented. Runs are put together without blanks."""
        self._add("body", runs)

    def section(self, title: str) -> None:
        """Add «I. CÔNG TÁC …»: bold capitals on a line of its own. `title` bears its number."""
        self._add("section", (title.upper(),))

    def subsection(self, title: str) -> None:
        """Add «1. Mô hình …»: bold, on a line of its own. `title` bears its number."""
        self._add("subsection", (title,))

    def table(self, table: Table) -> None:
        for row in table.rows:
            cells: Iterable[Cell] = (row.content,) if isinstance(row, GroupRow) else row
            for cell in cells:
                self._register(runs_of(cell))
        self.blocks.append(table)

    def chart(self, chart: Chart) -> None:
        """Add a chart with its title over it."""
        self.blocks.append(chart)

    def _add(self, kind: Emphasis, runs: tuple[Run, ...]) -> None:
        self._register(runs)
        self.blocks.append(Paragraph(kind, runs))

    def _register(self, runs: Iterable[Run]) -> None:
        for run in runs:
            if not isinstance(run, Tagged):
                continue
            if run.short_id in self._tags:
                raise ControlError(f"Số hiệu thẻ {run.short_id} đã dùng cho «{self._tags[run.short_id]}».")
            self._tags[run.short_id] = run.tag


class Annex(_Body):
    """One annex: its own section, page numbers from 1. Made by `OfficialDocument.annex`."""

    def __init__(self, title: str, *, landscape: bool, tags: dict[int, str]) -> None:
        super().__init__(tags)
        self.title = title
        self.landscape = landscape


class OfficialDocument(_Body):
    """
    A document under Nghị định 30/2020/NĐ-CP, filled from top to bottom and then saved.

    Without `head`, `kind` and `subject` it is text to be merged into another document. A line break
    in `subject` is kept. `marker` is printed on top of each page (made-up data). `attached_to` is
    «Kèm theo …» under each annex's title, without its brackets. `properties` go into the file's custom
    properties. The same content gives the same bytes: `made_at` is written only if given.
    """

    def __init__(
        self,
        *,
        head: Head | None = None,
        kind: str = "",
        subject: str = "",
        addressees: Sequence[str] = (),
        attached_to: str = "",
        marker: str = "",
        properties: Mapping[str, str] | None = None,
        made_at: dt.datetime | None = None,
    ) -> None:
        super().__init__({})
        self.head = head
        self.kind = kind
        self.subject = subject
        self.addressees = tuple(addressees)
        self.attached_to = attached_to
        self.marker = marker
        self.properties = dict(properties or {})
        self.made_at = made_at
        self.annexes: list[Annex] = []
        _check_properties(self.properties)

    @property
    def tags(self) -> Mapping[int, str]:
        """The tag of every control so far, by short id."""
        return dict(self._tags)

    def close(self, *runs: Run) -> None:
        """Add the last sentence; it ends in «./.», which takes the place of a full stop."""
        *before, last = runs
        if isinstance(last, str):
            self._add("closing", (*before, last.rstrip().removesuffix("./.").removesuffix(".") + "./."))
        else:
            self._add("closing", (*runs, "./."))

    def sign(self, signer: Signer, recipients: Sequence[str]) -> None:
        """
        Add recipients (left) and signer (right).

        Recipients come without dash and punctuation, the file copy last: «Lưu: VT, PC06».
        """
        self.blocks.append(SignatureBlock(signer, tuple(recipients)))

    def annex(self, title: str, *, landscape: bool = False) -> Annex:
        """Add an annex, to be filled; «Phụ lục I» gets its numeral when a second one is added."""
        annex = Annex(title, landscape=landscape, tags=self._tags)
        self.annexes.append(annex)
        return annex

    def to_bytes(self) -> bytes:
        """Return the .docx file."""
        from vnlib.documents.writing import docx_bytes

        return docx_bytes(self)

    def save(self, path: str | Path) -> None:
        Path(path).write_bytes(self.to_bytes())


def _check_properties(properties: Mapping[str, str]) -> None:
    for name, value in properties.items():
        if name.startswith(CONTROL_PROPERTY):
            raise ControlError(f"Thuộc tính «{name}» trùng với danh sách thẻ. Hãy đặt tên khác.")
        if len(value) > LONGEST_PROPERTY:
            raise ControlError(f"Thuộc tính «{name}» dài quá {LONGEST_PROPERTY} ký tự. Hãy rút ngắn.")
