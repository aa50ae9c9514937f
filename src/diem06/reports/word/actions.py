"""Making a report as a file that leaves the system."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from diem06.core.audit.actions import record
from diem06.core.plans.models import Period
from diem06.core.plans.queries import Loaded
from diem06.cube.actions import issue_revision
from diem06.cube.closing.record import revision_of_record
from diem06.plan.model import Plan, ReportKind
from diem06.plan.periods import window_of
from diem06.reports.compiling.queries import URGING, WITHDRAWAL
from diem06.reports.models import IssuedDocument
from diem06.reports.word.docx import docx, short_ids
from diem06.reports.word.making import make
from diem06.reports.word.material import Signing, windows_of
from diem06.reports.word.tree import Content
from vnlib.text import file_words


@dataclass(frozen=True, kw_only=True)
class Issued:
    """A report that was made: its row, its content and its bytes."""

    document: IssuedDocument
    content: Content
    file: bytes
    name: str  # of the file: `cong-van-don-doc-2023-07-r3.docx`


_STEMS = {URGING: "cong-van-don-doc", WITHDRAWAL: "cong-van-thu-hoi"}


def _stem(plan: Plan, content: Content) -> str:
    """Return the words by which a document's file is called."""
    titles = {kind.code: kind.name for kind in plan.report.kinds}
    return _STEMS.get(content.kind) or file_words(titles.get(content.kind, f"báo cáo {content.unit or content.kind}"))


@transaction.atomic
def issue_report(
    *,
    loaded: Loaded,
    period: Period,
    kind: ReportKind,
    at: datetime,
    by: int | None,
    signing: Signing | None = None,
    unit: str = "",
) -> Issued:
    """
    Make the Word file of a report from the figures and rows as they stand; with `unit`, of that unit's own report.

    Each window that it prints gets its revision, and what stands under each tag is kept, so that the file can be checked
    when it comes back.
    """
    content, revisions = _of_one_state(loaded, period, kind, at, unit, signing)
    return issue(
        loaded=loaded,
        period=period,
        content=content,
        revision=revisions[period.code],
        at=at,
        by=by,
        revisions=revisions,
    )


@transaction.atomic
def issue(
    *,
    loaded: Loaded,
    period: Period,
    content: Content,
    revision: int,
    at: datetime,
    by: int | None,
    revisions: Mapping[str, int] | None = None,
) -> Issued:
    """Make the Word file of a content and keep what stands under each of its tags."""
    document = uuid.uuid4()
    properties = {
        "diem06.document": str(document),
        "diem06.plan": loaded.plan.id,
        "diem06.bundle": loaded.hash,
        "diem06.period": period.code,
        "diem06.kind": content.kind,
        "diem06.revision": str(revision),
        "diem06.made_at": at.isoformat(timespec="seconds"),
    }
    if content.unit:
        properties["diem06.unit"] = content.unit
    file = docx(content, document=document, made_at=at, properties=properties)
    row = IssuedDocument.objects.create(
        id=document,
        plan_id=loaded.plan.id,
        period=period.code,
        kind=content.kind,
        unit=content.unit,
        revision=revision,
        made_at=at,
        made_by_id=by,
        sha256=hashlib.sha256(file).hexdigest(),
        tags={str(number): [mark.tag, mark.text] for number, mark in short_ids(content, document).items()},
    )
    record(
        by=by,
        action="report.issue",
        object_type="document",
        object_id=str(document),
        details={
            "plan": loaded.plan.id,
            "period": period.code,
            "kind": content.kind,
            "unit": content.unit,
            "revisions": dict(revisions or {period.code: revision}),
            "sha256": row.sha256,
        },
        at=at,
    )
    name = f"{_stem(loaded.plan, content)}-{period.code}-r{revision}.docx"
    return Issued(document=row, content=content, file=file, name=name)


def _of_one_state(
    loaded: Loaded, period: Period, kind: ReportKind, at: datetime, unit: str, signing: Signing | None
) -> tuple[Content, dict[str, int]]:
    """Return the content and the revisions that belong to it: anew where a fact came in between."""
    while True:
        issued = issue_revision if unit else revision_of_record
        rows = {
            code: issued(loaded=loaded, window=window_of(loaded.plan, code), at=at)
            for code in windows_of(loaded.plan, period.code)
        }
        revisions = {code: row.number for code, row in rows.items()}
        material, content = make(
            loaded=loaded, period=period, kind=kind, at=at, revisions=revisions, unit=unit, signing=signing
        )
        boards = [figures.board for figures in material.windows.all()]
        if all(here.changes == rows[here.window.code].changes for here in boards):
            return content, revisions
