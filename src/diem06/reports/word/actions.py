"""Making a report as a file that leaves the system."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from diem06.core.audit.actions import record
from diem06.core.plans.models import Period
from diem06.core.plans.queries import Loaded
from diem06.cube.actions import issue_revision
from diem06.plan.model import ReportKind
from diem06.plan.periods import window_of
from diem06.reports.models import IssuedDocument
from diem06.reports.word.content import build
from diem06.reports.word.docx import docx, short_ids
from diem06.reports.word.material import Material, Signing, gather, windows_of
from diem06.reports.word.tree import Content


@dataclass(frozen=True, kw_only=True)
class Issued:
    """A report that was made: its row, its content and its bytes."""

    document: IssuedDocument
    content: Content
    file: bytes

    @property
    def name(self) -> str:
        """The name of the file: `bao-cao-police-2023-07-r3.docx`."""
        row = self.document
        return f"bao-cao-{row.kind}-{row.period}-r{row.revision}.docx"


@transaction.atomic
def issue_report(
    *, loaded: Loaded, period: Period, kind: ReportKind, at: datetime, by: int | None, signing: Signing | None = None
) -> Issued:
    """
    Make the Word file of a report from the figures and rows as they stand.

    Each window that it prints gets its revision, and what stands under each tag is kept, so that the file can be checked
    when it comes back.
    """
    material, revisions = _of_one_state(loaded, period, kind, at)
    content = build(material, signing)
    document = uuid.uuid4()
    properties = {
        "diem06.document": str(document),
        "diem06.plan": loaded.plan.id,
        "diem06.bundle": loaded.hash,
        "diem06.period": period.code,
        "diem06.kind": kind.code,
        "diem06.revision": str(revisions[period.code]),
        "diem06.made_at": at.isoformat(timespec="seconds"),
    }
    file = docx(content, document=document, made_at=at, properties=properties)
    row = IssuedDocument.objects.create(
        id=document,
        plan_id=loaded.plan.id,
        period=period.code,
        kind=kind.code,
        revision=revisions[period.code],
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
            "kind": kind.code,
            "revisions": revisions,
            "sha256": row.sha256,
        },
        at=at,
    )
    return Issued(document=row, content=content, file=file)


def _of_one_state(loaded: Loaded, period: Period, kind: ReportKind, at: datetime) -> tuple[Material, dict[str, int]]:
    """Return the material and the revisions that belong to it: anew where a fact came in between."""
    while True:
        rows = {
            code: issue_revision(loaded=loaded, window=window_of(loaded.plan, code), at=at)
            for code in windows_of(loaded.plan, period.code)
        }
        revisions = {code: row.number for code, row in rows.items()}
        material = gather(loaded=loaded, period=period, kind=kind, at=at, revisions=revisions)
        boards = [figures.board for figures in material.windows.all()]
        if all(here.changes == rows[here.window.code].changes for here in boards):
            return material, revisions
