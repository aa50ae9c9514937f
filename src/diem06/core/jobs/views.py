"""A person's long work and notices. Nobody sees another's: it answers 404, so that not even its being there is told."""

from __future__ import annotations

import uuid

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diem06.core import access
from diem06.core.access import AccessRequest
from diem06.core.evidence.queries import DamagedFileError, download
from diem06.core.jobs import actions, queries
from diem06.core.jobs import notices as the_notices
from diem06.core.jobs.models import Job, JobState, Notice

ON_A_PAGE = 50


# -- long work -------------------------------------------------------------------------------------------------------
@access.rule(access.signed_in)
@require_GET
def jobs(request: AccessRequest) -> HttpResponse:
    """List what I have started in the last days, the newest first."""
    mine = Job.objects.filter(started_by_id=request.user.pk).select_related("file")
    return render(request, "jobs/jobs.html", {"page": Paginator(mine, ON_A_PAGE).get_page(request.GET.get("page"))})


@access.rule(access.signed_in)
@require_GET
def job(request: AccessRequest, job_id: uuid.UUID) -> HttpResponse:
    """Show how far one job is, or what came of it. While it is open, the page asks again by itself."""
    mine = _mine(request, job_id)
    if not mine.is_open:
        # Whoever sees how it ended needs no notice of it any more.
        the_notices.read(notices=mine.notices.filter(person_id=request.user.pk), at=request.now)
    context = {"job": mine, "ahead": queries.waiting_before(mine) if mine.state == JobState.WAITING else 0}
    return render(request, "jobs/job.html", context)


@access.rule(access.signed_in)
@require_POST
def cancel(request: AccessRequest, job_id: uuid.UUID) -> HttpResponse:
    """Stop my job."""
    return redirect(actions.cancel(job=_mine(request, job_id), by=request.user.pk, at=request.now))


@access.rule(access.signed_in)
@require_GET
def file(request: AccessRequest, job_id: uuid.UUID) -> HttpResponse:
    """Hand out the file that my job made."""
    mine = _mine(request, job_id)
    if mine.file is None:
        raise Http404
    try:
        return download(mine.file)
    except DamagedFileError as fault:
        raise Http404(_("Tệp không còn. Làm lại việc này để có tệp mới.")) from fault


def _mine(request: AccessRequest, job_id: uuid.UUID) -> Job:
    return get_object_or_404(Job.objects.select_related("file"), pk=job_id, started_by_id=request.user.pk)


# -- notices ---------------------------------------------------------------------------------------------------------
@access.rule(access.signed_in)
@require_GET
def notices(request: AccessRequest) -> HttpResponse:
    """List what I should know, the newest first."""
    mine = Notice.objects.filter(person_id=request.user.pk).select_related("by")
    unread = mine.filter(read_at=None).count()
    context = {
        "page": Paginator(mine, ON_A_PAGE).get_page(request.GET.get("page")),
        "unread": unread,
        "now": request.now,
    }
    return render(request, "jobs/notices.html", context)


@access.rule(access.signed_in)
@require_GET
def notice(request: AccessRequest, notice_id: int) -> HttpResponse:
    """Follow a notice to its page: it is read then."""
    mine = get_object_or_404(Notice, pk=notice_id, person_id=request.user.pk)
    the_notices.read(notices=Notice.objects.filter(pk=mine.pk), at=request.now)
    return redirect(mine.url or "notices")


@access.rule(access.signed_in)
@require_POST
def read_all(request: AccessRequest) -> HttpResponse:
    """Note that I have read all of my notices."""
    the_notices.read(notices=Notice.objects.filter(person_id=request.user.pk), at=request.now)
    return redirect("notices")
