"""The briefing as a Word file on one page, in the official look; each figure in a control with its tag."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from diem06.reports.briefing.content import Briefing, Number, Words
from diem06.reports.word.docx import first_short_id
from vnlib import documents

KIND = "TÀI LIỆU GIAO BAN"


def short_ids(content: Briefing, document: uuid.UUID) -> dict[int, Number]:
    """Return every number of the briefing under its short id, in reading order."""
    return dict(enumerate(content.numbers, start=first_short_id(document)))


def docx(
    content: Briefing, *, head: documents.Head, document: uuid.UUID, made_at: datetime, properties: Mapping[str, str]
) -> bytes:
    """Return the file."""
    file = documents.OfficialDocument(
        head=head,
        kind=KIND,
        subject=_("Kết quả triển khai các mô hình điểm, tháng %(period)s") % {"period": content.period},
        marker="Số liệu giả định, không phải báo cáo thật" if content.is_made_up else "",
        properties=properties,
        made_at=made_at,
    )
    ids = iter(short_ids(content, document))
    file.paragraph(
        documents.Bold(_("Báo cáo tháng")),
        f" ({content.units} {_('đơn vị')}; {content.days}; {_('số liệu lúc')} {content.known_at}): ",
        "; ".join(f"{each.words.lower()} {each.count}" for each in content.reports),
        f". {_('Chưa gửi')}: {content.missing_words}. {_('Gửi muộn')}: {content.late_words}.",
    )
    file.paragraph(
        documents.Bold(_("Chỉ tiêu có mục tiêu")),
        f" ({content.targets}): ",
        "; ".join(f"{each.words.lower()} {each.count}" for each in content.standings),
        ".",
    )
    if content.gaps:
        file.table(_table(content, ids))
    else:
        file.paragraph(_("Không có chỉ tiêu nào dưới mục tiêu."))
    file.paragraph(documents.Bold(_("Việc đề nghị quyết định")))
    for place, words in enumerate(content.decisions, start=1):
        file.paragraph(f"{place}. ", *_runs(words, ids))
    return file.to_bytes()


def _table(content: Briefing, ids: Iterator[int]) -> documents.Table:
    return documents.Table(
        columns=(
            documents.Column(_("Chỉ tiêu, đơn vị"), 74),
            documents.Column(_("Kỳ này"), 18, "right"),
            documents.Column(_("Mục tiêu"), 18, "right"),
            documents.Column(_("Còn thiếu"), 26, "right"),
            documents.Column(_("Nơi thiếu nhiều nhất"), 44),
        ),
        rows=[
            (
                f"{row.code} · {row.name} ({row.owner}; {row.standing.lower()})",
                _run(row.value, ids),
                _run(row.target, ids),
                (_run(row.gap, ids), f" {row.counted}"),
                _runs(row.lacking, ids) or "—",
            )
            for row in content.gaps
        ],
        size_pt=11,
    )


def _run(number: Number, ids: Iterator[int]) -> documents.Tagged:
    return documents.Tagged(tag=number.tag, short_id=next(ids), text=number.text)


def _runs(words: Words, ids: Iterator[int]) -> list[documents.Run]:
    return [_run(each, ids) if isinstance(each, Number) else each for each in words]
