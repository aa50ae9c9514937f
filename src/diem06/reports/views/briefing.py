"""The one-page briefing: its preview, its Word file, its image."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from diem06.core import access
from diem06.core.access.rules import AccessRequest
from diem06.core.ui.shell import Crumb
from diem06.reports.briefing.actions import issue_briefing
from diem06.reports.briefing.content import briefing as content_of
from diem06.reports.briefing.image import png
from diem06.reports.screens.outlook import Outlook
from diem06.reports.views.files import issued
from diem06.reports.views.reading import reads_figures

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@access.rule(access.province_wide)
@require_safe
@reads_figures
def briefing(request: AccessRequest, outlook: Outlook) -> HttpResponse:
    """Show the briefing as it will be printed."""
    context = {
        "outlook": outlook,
        "content": content_of(outlook),
        "crumbs": [
            Crumb(title=_("Tổng quan"), url=f"{reverse('dashboard')}?period={outlook.period.code}"),
            Crumb(title=_("Tài liệu giao ban")),
        ],
    }
    return render(request, "reports/briefing.html", context)


@access.rule(access.province_wide)
@require_http_methods(["GET", "HEAD", "POST"])
@reads_figures
def document(request: AccessRequest, outlook: Outlook) -> HttpResponse:
    """Make the Word file and send it. Making it leaves a trace, so it takes a form; a plain link leads to the preview."""
    if request.method != "POST":
        return redirect(f"{reverse('briefing')}?period={outlook.period.code}")
    made = issue_briefing(outlook=issued(request, outlook), at=request.now, by=request.subject.user_id)
    return _file(made.file, f"giao-ban-{outlook.period.code}-r{made.document.revision}.docx", WORD)


@access.rule(access.province_wide)
@require_safe
@reads_figures
def image(request: AccessRequest, outlook: Outlook) -> HttpResponse:
    """Send the briefing as a PNG, in Vietnamese as the Word file."""
    outlook = issued(request, outlook)
    with translation.override("vi"):
        content = png(content_of(outlook))
    return _file(content, f"giao-ban-{outlook.period.code}.png", "image/png")


def _file(content: bytes, name: str, kind: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
