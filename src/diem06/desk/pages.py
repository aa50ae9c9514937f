"""Pages about devices: for the people of the unit that answers for a device's place, and for the whole province to read."""

from __future__ import annotations

import io
from typing import Any, Final

import segno
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from diem06.core import access
from diem06.core.access import AccessRequest, Role
from diem06.core.places.models import Place, PlaceTerm
from diem06.core.roster.desk import DeskService
from diem06.core.ui.tables import sort_of
from diem06.desk import actions, queries, screens
from diem06.desk.actions import Receipt, RevokeError
from diem06.desk.exports import ExportError
from diem06.desk.forms import DeviceFilter, EnrolForm, EventFilter, ImportForm, RevokeForm
from diem06.desk.models import Device, Enrolment
from diem06.desk.services import NoServiceError, service_at

ROWS_A_PAGE: Final = 50
MOST_EXPORTED: Final = 100_000
_CODES: Final = "desk_codes"  # in the session of who made them: enrolment id -> code
_EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MANAGES: Final = access.only(Role.ADMINISTRATOR, *queries.MAY_MANAGE)


# -- all of them -----------------------------------------------------------------------------------------------------
@access.rule(access.with_role)
@require_GET
def devices(request: AccessRequest) -> HttpResponse:
    """List the devices that I may see; filter, order and page live in the URL."""
    today = localdate(request.now)
    form = DeviceFilter(request.GET or None)
    wanted = form.cleaned_data if form.is_valid() else {}
    outer = queries.place_of_key(wanted.get("place"))
    visible = [
        (device, term)
        for device, term in queries.visible_devices(request.subject, on=today)
        if outer is None or queries.is_within(device.place, outer.pk)
    ]
    names = queries.names_with_site((device.place for device, _term in visible), on=today)
    lines = screens.device_lines(visible, names, now=request.now)
    sort = sort_of(request.GET, screens.DEVICE_SORTS, "code")
    listed = screens.ordered(screens.narrowed(lines, words=wanted.get("q", ""), state=wanted.get("state", "")), sort)
    context = {
        "form": form,
        "sort": sort,
        "page": Paginator(listed, ROWS_A_PAGE).get_page(request.GET.get("page")),
        "total": len(listed),
        "is_filtered": bool(wanted.get("q") or wanted.get("state")),
        "in_use": sum(1 for line in lines if not line.device.is_revoked),
        "silent": sum(1 for line in lines if line.is_silent),
        "missing": sum(line.device.missing for line in lines),
        "may_enrol": _may_enrol(request),
        "outer": outer,
        "list_url": reverse("desk:devices") + (f"?place={outer.pk}" if outer else ""),
        "outer_name": queries.place_names(outer, on=today)[0] if outer else "",
    }
    return render(request, "desk/devices.html", context)


def _may_enrol(request: AccessRequest) -> bool:
    return request.subject.has(Role.ADMINISTRATOR, *queries.MAY_MANAGE)


# -- a new one -------------------------------------------------------------------------------------------------------
@access.rule(_MANAGES)
@require_http_methods(["GET", "POST"])
def enrol(request: AccessRequest) -> HttpResponse:
    """Make a one-time code for a device at one of my places."""
    units = queries.units_managed(request.subject)
    today = localdate(request.now)
    points = [place for place, _term in queries.service_points(units, on=today)]
    offered = _points_named(request, points)
    names = queries.names_with_site(offered, on=today)
    form = EnrolForm(request.POST or None, names=names, initial={"place": offered[0].pk if len(offered) == 1 else ""})
    if request.method == "POST" and form.is_valid():
        place = next(place for place in points if str(place.pk) == form.cleaned_data["place"])
        enrolment, code = actions.make_enrolment(place=place, by=request.user.pk, at=request.now)
        # Kept for its maker alone until it dies: the page can be opened again, and draws the QR.
        request.session[_CODES] = {str(enrolment.pk): code}
        return redirect("desk:enrolment", enrolment.pk)
    return render(request, "desk/enrol.html", {"form": form, "has_points": bool(points)})


def _points_named(request: AccessRequest, points: list[Place]) -> list[Place]:
    """Return the points at or in the place that the address names; all of them where it names none of mine."""
    wanted = queries.place_of_key(request.GET.get("place"))
    return [point for point in points if wanted and queries.is_within(point, wanted.pk)] or points


@access.rule(_MANAGES)
@require_GET
def enrolment(request: AccessRequest, enrolment_id: int) -> HttpResponse:
    """Show the code that I have just made, until it is used or dies."""
    code, row = _code(request, enrolment_id)
    device = Device.objects.filter(enrolment=row).first()
    name, of = queries.place_names(row.place, on=localdate(request.now))
    context = {
        "code": code,
        "enrolment": row,
        "device": device,
        "place": name,
        "of": of,
        "address": request.build_absolute_uri(reverse("desk:app")),
        "is_over": row.expires_at <= request.now,
    }
    return render(request, "desk/enrolment.html", context)


@access.rule(_MANAGES)
@require_GET
def enrolment_qr(request: AccessRequest, enrolment_id: int) -> HttpResponse:
    """Draw the QR that a device scans: the address of the desk, with the code where no server sees it."""
    code, _row = _code(request, enrolment_id)
    address = request.build_absolute_uri(reverse("desk:app")) + f"#enrol={code}"
    buffer = io.BytesIO()
    segno.make(address, error="m").save(buffer, kind="svg", scale=6, border=4, light="#ffffff")
    return HttpResponse(buffer.getvalue(), content_type="image/svg+xml", headers={"Cache-Control": "private, no-store"})


def _code(request: AccessRequest, enrolment_id: int) -> tuple[str, Enrolment]:
    code = request.session.get(_CODES, {}).get(str(enrolment_id))
    if code is None:
        raise Http404(_("Mã chỉ hiện cho người tạo. Tạo mã mới."))
    return code, get_object_or_404(Enrolment.objects.select_related("place"), pk=enrolment_id)


# -- one of them -----------------------------------------------------------------------------------------------------
@access.rule(access.with_role)
@require_GET
def device(request: AccessRequest, code: str) -> HttpResponse:
    """Show one device: how it stands, what it sent, what is missing."""
    here = _Here(request, code)
    return render(request, "desk/device.html", here.context(request))


@access.rule(access.with_role)
@require_GET
def events_file(request: AccessRequest, code: str) -> HttpResponse:
    """The events as they are narrowed and ordered, as an Excel file."""
    here = _Here(request, code)
    _form, _sort, events = here.events(request)
    content = screens.events_workbook(here.device, screens.event_lines(events[:MOST_EXPORTED], here.service))
    name = f"{here.device.code.lower()}-{localdate(request.now):%Y-%m-%d}.xlsx"
    return HttpResponse(content, content_type=_EXCEL, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@access.rule(_MANAGES)
@require_POST
def revoke(request: AccessRequest, code: str) -> HttpResponse:
    """Withdraw a device; one that is withdrawn already may still be told to empty itself."""
    here = _Here(request, code)
    here.check_manages()
    form = RevokeForm(request.POST)
    form.is_valid()
    try:
        if here.device.is_revoked:
            actions.ask_to_wipe(device=here.device, by=request.user.pk, at=request.now)
        else:
            actions.revoke(device=here.device, **form.cleaned_data, by=request.user.pk, at=request.now)
    except RevokeError:
        messages.error(request, _("Máy này đã được thu hồi trước đó."))
    else:
        messages.success(request, _("Đã thu hồi máy %(code)s.") % {"code": here.device.code})
    return redirect(here.device)


@access.rule(_MANAGES)
@require_POST
def import_queue(request: AccessRequest, code: str) -> HttpResponse:
    """Take the events of a file that the device exported."""
    here = _Here(request, code)
    here.check_manages()
    form = ImportForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            receipts = actions.import_queue(
                device=here.device,
                file=form.cleaned_data["file"],
                by=request.user.pk,  # type: ignore[arg-type]  # who comes here has signed in
                at=request.now,
            )
        except ExportError as fault:
            form.add_error("file", _export_words(fault))
        except NoServiceError:
            form.add_error("file", _("Máy chủ chưa nhận việc của nơi này. Thử lại sau."))
        else:
            messages.success(request, _imported(receipts))
            return redirect(here.device)
    return render(request, "desk/device.html", {**here.context(request), "import_form": form})


def _export_words(fault: ExportError) -> str:
    return {
        "no_export": _("Tệp này không phải tệp bản ghi chờ. Chọn tệp do máy xuất ra."),
        "other_device": _("Tệp này của máy khác. Mở trang của máy đó rồi nạp."),
        "bad_signature": _("Tệp đã bị sửa sau khi xuất. Xuất lại từ máy."),
        "sealed_for_another": _("Tệp này của hệ thống khác, hoặc khóa đã đổi. Khôi phục khóa từ bản sao lưu."),
    }[fault.code]


def _imported(receipts: list[Receipt]) -> str:
    new = sum(1 for one in receipts if one.http == 201)
    there = sum(1 for one in receipts if one.http == 200)
    words = {"new": new, "there": there, "failed": len(receipts) - new - there}
    return (
        ngettext(
            "Đã nhận %(new)s bản ghi mới, %(there)s đã có từ trước, %(failed)s không nhận được.",
            "Đã nhận %(new)s bản ghi mới, %(there)s đã có từ trước, %(failed)s không nhận được.",
            new,
        )
        % words
    )


class _Here:
    """A device, its place, and whether the person may see it. Raises Http404, and PermissionDenied for another unit's."""

    def __init__(self, request: AccessRequest, code: str) -> None:
        self.device = get_object_or_404(
            Device.objects.select_related("place", "revoked_by", "enrolment__made_by"), code=code
        )
        today = localdate(request.now)
        self.term: PlaceTerm | None = queries.terms_of([self.device.place_id], on=today).get(self.device.place_id)
        self.unit = self.term.unit_code if self.term else ""
        access.check(queries.may_read(request.subject, self.unit), _("Máy này do đơn vị khác quản lý."))
        self.manages = queries.may_manage(request.subject, self.unit)
        self.names = queries.place_names(self.device.place, on=today)
        try:
            self.service: DeskService | None = service_at(self.device.place)
        except NoServiceError:
            self.service = None

    def check_manages(self) -> None:
        access.check(self.manages, _("Máy này do đơn vị khác quản lý."))

    def events(self, request: AccessRequest) -> tuple[EventFilter, str, Any]:
        form = EventFilter(request.GET or None, service=self.service)
        wanted = form.cleaned_data if form.is_valid() else {}
        sort = sort_of(request.GET, screens.EVENT_SORTS, "-sequence")
        return form, sort, screens.events_narrowed(self.device, wanted, sort)

    def context(self, request: AccessRequest) -> dict[str, Any]:
        form, sort, events = self.events(request)
        page = Paginator(events, ROWS_A_PAGE).get_page(request.GET.get("page"))
        name, of = self.names
        skew = self.device.skew_ms
        return {
            "device": self.device,
            "place": name,
            "of": of,
            "gaps": queries.gaps_of(self.device),
            "skew": screens.skew_words(skew),
            "is_skewed": queries.is_skewed(skew),
            "form": form,
            "sort": sort,
            "page": page,
            "lines": screens.event_lines(page.object_list, self.service),
            "is_filtered": any(request.GET.get(name) for name in ("state", "act", "day")),
            "manages": self.manages,
            "revoke_form": RevokeForm(),
            "import_form": ImportForm(),
        }
