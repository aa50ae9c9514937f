"""Every write of the monthly cycle, each with its audit entry in the same transaction."""

from diem06.reports.actions.attachments import attach, detach
from diem06.reports.actions.errors import (
    Conflict,
    ConflictError,
    LockedError,
    NotOwedError,
    NotReadyError,
    RepeatedRequestError,
    ReportError,
    WrongStateError,
    check_editable,
)
from diem06.reports.actions.explaining import explain
from diem06.reports.actions.handouts import hand_out, take_back
from diem06.reports.actions.narratives import save_narrative
from diem06.reports.actions.once import answer_once
from diem06.reports.actions.states import (
    NewRemark,
    accept,
    answer_remark,
    approve,
    begin_correction,
    open_reports,
    record_approval,
    reopen,
    return_report,
    submit,
)
from diem06.reports.actions.unit_plans import record_unit_plan, unit_plan_deadline
from diem06.reports.actions.values import Entry, Saved, mark_absent, save_sheet, save_values
from diem06.reports.queries import current_values

__all__ = [
    "Conflict",
    "ConflictError",
    "Entry",
    "LockedError",
    "NewRemark",
    "NotOwedError",
    "NotReadyError",
    "RepeatedRequestError",
    "ReportError",
    "Saved",
    "WrongStateError",
    "accept",
    "answer_once",
    "answer_remark",
    "approve",
    "attach",
    "begin_correction",
    "check_editable",
    "current_values",
    "detach",
    "explain",
    "hand_out",
    "mark_absent",
    "open_reports",
    "record_approval",
    "record_unit_plan",
    "reopen",
    "return_report",
    "save_narrative",
    "save_sheet",
    "save_values",
    "submit",
    "take_back",
    "unit_plan_deadline",
]
