"""All files of a month in one zip."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.timezone import localtime

from diem06.core.evidence.models import StoredFile
from diem06.core.evidence.queries import content_of
from diem06.core.evidence.store import DamagedFileError
from diem06.core.organisation.queries import units_on
from diem06.core.plans.models import Period
from diem06.core.plans.queries import Loaded
from diem06.cube.closing.record import board_of_record, revision_of_record
from diem06.plan.periods import window_of
from diem06.reports.compiling.queries import OF_UNIT, URGING, WITHDRAWAL, documents_of
from diem06.reports.models import Attachment, IssuedDocument, Report
from diem06.reports.word.actions import issue_report
from diem06.reports.word.making import make, unit_kind
from diem06.reports.word.open_data import open_data, report_json
from diem06.reports.word.tree import plain_text
from diem06.reports.word.workbook import annexes_workbook
from vnlib.text import file_words

_OTHER_KINDS = {OF_UNIT: "Báo cáo của đơn vị", URGING: "Công văn đôn đốc", WITHDRAWAL: "Công văn thu hồi"}

Step = Callable[[int, int, str], None]


@dataclass(frozen=True, kw_only=True)
class Member:
    """One file of the zip."""

    path: str
    content: bytes
    words: str  # in the index


def month_zip(*, loaded: Loaded, period: Period, at: datetime, by: int | None, step: Step | None = None) -> bytes:
    """
    Return all files of a month: each kind of report, each unit's own, what was sent and signed, attachments, open data.

    Word files are made as they stand at `at` and kept like any other that leaves. `step(done, total, path)` is told of each file.
    """
    buffer = io.BytesIO()
    total = _count(loaded, period)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, member in enumerate(members(loaded=loaded, period=period, at=at, by=by), start=1):
            entry = zipfile.ZipInfo(member.path, date_time=at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, member.content)
            if step:
                step(min(number, total), total, member.path)
    return buffer.getvalue()


def members(*, loaded: Loaded, period: Period, at: datetime, by: int | None) -> Iterator[Member]:
    """Yield the files one by one, in the order of the folders; the last one is the index of them all."""
    told = []
    for member in _members(loaded, period, at, by):
        told.append(f"{member.path.removeprefix(f'{period.code}/')}\n    {member.words}\n")
        yield member
    head = f"MỤC LỤC\nTất cả tệp của kỳ {period.first_day:%m/%Y}, lập lúc {localtime(at):%H:%M %d/%m/%Y}\n\n"
    index = f"{head}{''.join(told)}".replace("\n", "\r\n")  # Notepad too
    yield Member(path=f"{period.code}/0-muc-luc.txt", content=index.encode("utf-8-sig"), words="mục lục")


def _members(loaded: Loaded, period: Period, at: datetime, by: int | None) -> Iterator[Member]:
    code = period.code
    kinds = {kind.code: kind.name for kind in loaded.plan.report.kinds} | _OTHER_KINDS
    for kind in loaded.plan.report.kinds:
        issued = issue_report(loaded=loaded, period=period, kind=kind, at=at, by=by)
        folder = f"{code}/1-bao-cao-tong-hop/{file_words(kind.name)}"
        stem = f"{folder}/{file_words(kind.name)}-{code}-r{issued.document.revision}"
        yield Member(path=f"{stem}.docx", content=issued.file, words=kind.name)
        material, content = make(loaded=loaded, period=period, kind=kind, at=at)
        yield Member(path=f"{stem}.txt", content=plain_text(content).encode(), words=f"{kind.name}, chỉ có chữ")
        data = report_json(loaded, material, content, at=at)
        yield Member(path=f"{stem}.json", content=data, words=f"{kind.name}, dạng dữ liệu")
        annexes = annexes_workbook(loaded, material, content, board_of_record(loaded, code))
        yield Member(path=f"{stem}-phu-luc.xlsx", content=annexes, words=f"{kind.name}: các phụ lục")
    here = units_on(period.last_day)
    for report in _reports(period):
        issued = issue_report(
            loaded=loaded, period=period, kind=unit_kind(loaded, period, report.unit), at=at, by=by, unit=report.unit
        )
        folder = f"{code}/2-bao-cao-don-vi/{report.unit}"
        name = here[report.unit].name
        yield Member(path=f"{folder}/{issued.name}", content=issued.file, words=f"báo cáo của {name}")
        yield from _stored(folder, [(report.approval_file, "da-duyet")], f"bản đã duyệt của {name}")
        yield from _stored(folder, _attachments(report), f"tệp đính kèm của {name}")
    for row in _sent(loaded, period):
        words = kinds.get(row.kind, row.kind)
        folder = f"{code}/3-van-ban-da-gui/{file_words(words)}-{row.number.replace('/', '-')}"
        yield from _stored(folder, [(row.file, "da-gui")], f"{words} số {row.number}, đã gửi")
        yield from _stored(folder, [(row.signed_file, "ban-ky")], f"{words} số {row.number}, bản ký")
    revision = revision_of_record(loaded=loaded, window=window_of(loaded.plan, code), at=at)
    data = open_data(loaded, period, board_of_record(loaded, code), revision=revision.number, at=at)
    path = f"{code}/4-du-lieu-mo/du-lieu-mo-{code}-r{revision.number}.json"
    yield Member(path=path, content=data, words="dữ liệu mở của kỳ")


def _reports(period: Period) -> list[Report]:
    here = units_on(period.last_day)
    rows = Report.objects.filter(period=period).select_related("period", "approval_file").order_by("unit")
    return [row for row in rows if row.unit in here]


def _attachments(report: Report) -> list[tuple[StoredFile | None, str]]:
    rows = Attachment.objects.filter(report=report, removed_at=None).select_related("file").order_by("pk")
    return [(row.file, f"dinh-kem-{number}") for number, row in enumerate(rows, start=1)]


def _sent(loaded: Loaded, period: Period) -> list[IssuedDocument]:
    return list(documents_of(loaded.plan.id, period.code).filter(sent_at__isnull=False).order_by("sent_at"))


def _stored(folder: str, files: list[tuple[StoredFile | None, str]], words: str) -> Iterator[Member]:
    """A kept file whose bytes are gone is told by a note in its place: the others are still handed out."""
    for file, before in files:
        if file is None:
            continue
        path = f"{folder}/{before}-{file.name}"
        try:
            yield Member(path=path, content=content_of(file), words=words)
        except DamagedFileError as fault:
            yield Member(path=f"{path}.mat-tep.txt", content=str(fault).encode(), words=f"{words}: tệp đã mất")


def _count(loaded: Loaded, period: Period) -> int:
    """Say how many files there will be, for the progress: attachments and sent files are guessed at one each."""
    return 4 * len(loaded.plan.report.kinds) + len(_reports(period)) + len(_sent(loaded, period)) + 2


__all__ = ["Member", "members", "month_zip"]
