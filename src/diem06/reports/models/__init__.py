"""What units declare and report, and what leaves the system."""

from diem06.reports.models.cycle import (
    APPROVED_STATES,
    Attachment,
    EventKind,
    Handout,
    Heading,
    Narrative,
    Remark,
    Report,
    ReportEvent,
    ReportState,
    ReportVersion,
    SavedRequest,
)
from diem06.reports.models.declared import AbsentValue, DeclaredValue, Explanation, UnitFact
from diem06.reports.models.documents import CompiledText, IssuedDocument, NarrativeUse, Use
from diem06.reports.models.forms_elsewhere import AdHocCell, AdHocFill, AdHocForm
from diem06.reports.models.mailed import MailedReport, Proposal, ProposalState
from diem06.reports.models.unit_plans import OPEN_TASK_STATES, TaskState, UnitPlan, UnitTask

__all__ = [
    "APPROVED_STATES",
    "OPEN_TASK_STATES",
    "AbsentValue",
    "AdHocCell",
    "AdHocFill",
    "AdHocForm",
    "Attachment",
    "CompiledText",
    "DeclaredValue",
    "EventKind",
    "Explanation",
    "Handout",
    "Heading",
    "IssuedDocument",
    "MailedReport",
    "Narrative",
    "NarrativeUse",
    "Proposal",
    "ProposalState",
    "Remark",
    "Report",
    "ReportEvent",
    "ReportState",
    "ReportVersion",
    "SavedRequest",
    "TaskState",
    "UnitFact",
    "UnitPlan",
    "UnitTask",
    "Use",
]
