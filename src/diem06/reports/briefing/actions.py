"""Making a briefing as a Word file that leaves the system."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import translation

from diem06.core.audit.actions import record
from diem06.reports.briefing.content import briefing
from diem06.reports.briefing.docx import docx, short_ids
from diem06.reports.models import IssuedDocument
from diem06.reports.screens.outlook import Outlook
from vnlib.documents import Head
from vnlib.text import date_in_words

KIND_CODE = "briefing"


@dataclass(frozen=True, kw_only=True)
class IssuedBriefing:
    """A briefing that was made: its row and its bytes."""

    document: IssuedDocument
    file: bytes


@transaction.atomic
def issue_briefing(*, outlook: Outlook, at: datetime, by: int | None) -> IssuedBriefing:
    """
    Make the Word file of the outlook's period, whose revision has been issued.

    What stands under each tag is kept, so that the file can be checked when it comes back.
    """
    document, loaded = uuid.uuid4(), outlook.loaded
    properties = {
        "diem06.document": str(document),
        "diem06.plan": loaded.plan.id,
        "diem06.bundle": loaded.hash,
        "diem06.period": outlook.period.code,
        "diem06.kind": KIND_CODE,
        "diem06.revision": str(outlook.revision),
        "diem06.made_at": at.isoformat(timespec="seconds"),
    }
    with translation.override("vi"):  # an official document, whatever language the page has
        content = briefing(outlook)
        file = docx(content, head=_head(outlook, at), document=document, made_at=at, properties=properties)
    row = IssuedDocument.objects.create(
        id=document,
        plan_id=loaded.plan.id,
        period=outlook.period.code,
        kind=KIND_CODE,
        revision=outlook.revision,
        made_at=at,
        made_by_id=by,
        sha256=hashlib.sha256(file).hexdigest(),
        tags={str(number): [each.tag, each.text] for number, each in short_ids(content, document).items()},
    )
    record(
        by=by,
        action="briefing.issue",
        object_type="document",
        object_id=str(document),
        details={
            "plan": loaded.plan.id,
            "period": outlook.period.code,
            "revision": outlook.revision,
            "sha256": row.sha256,
        },
        at=at,
    )
    return IssuedBriefing(document=row, file=file)


def _head(outlook: Outlook, at: datetime) -> Head:
    """Return the head of the office that makes it: the standing office of the plan."""
    plan = outlook.plan
    unit = outlook.units.get(plan.steering_unit) or outlook.units.get(plan.issuer)
    header = unit.header if unit and unit.header else ("", unit.name if unit else plan.title)
    return Head(
        superior=header[0] if len(header) > 1 else "",
        issuer=header[-1],
        number_and_symbol="…/TL",
        place=plan.report.place,
        date_line=date_in_words(at.day, at.month, at.year),
    )
