"""The plan, the period and the kind of report that a URL names."""

from __future__ import annotations

from django.http import Http404
from django.utils.translation import gettext as _

from diem06.core.plans.models import Period
from diem06.core.plans.queries import Loaded, NoPlanError, loaded_plan
from diem06.core.plans.queries import period as period_of
from diem06.plan.model import ReportKind
from diem06.reports.word.material import ReportKindError, kind_of


def loaded_or_404() -> Loaded:
    """Return the plan in use. Raises Http404 where none is loaded."""
    try:
        return loaded_plan()
    except NoPlanError as nothing:
        raise Http404(_("Chưa nạp Kế hoạch nào.")) from nothing


def period_or_404(loaded: Loaded, code: str) -> Period:
    """Return an opened period. Raises Http404."""
    found = period_of(loaded.plan, code)
    if found is None:
        raise Http404(_("Không có kỳ báo cáo này."))
    return found


def kind_or_404(loaded: Loaded, code: str) -> ReportKind:
    """Return a kind of report of the plan. Raises Http404."""
    try:
        return kind_of(loaded.plan, code)
    except ReportKindError as unknown:
        raise Http404(_("Không có loại báo cáo này.")) from unknown
