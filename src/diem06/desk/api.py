"""The calls of devices, as README.md of this package describes them. Every one but `enrol` is signed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final, TypedDict
from uuid import UUID

from allauth.core.internal.ratelimit import consume
from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from diem06.core import access
from diem06.core.access import AccessRequest
from diem06.core.plans.queries import NoPlanError, loaded_plan
from diem06.desk import actions
from diem06.desk.actions import Contact, DeviceChanged, EnrolError, Receipt
from diem06.desk.escrow import escrow_public_key
from diem06.desk.events import BadBody, BadEvent, SentEvent, parse_batch, parse_event, parse_json
from diem06.desk.models import Device
from diem06.desk.queries import place_names
from diem06.desk.services import NoServiceError, acts_told, service_at, status_told, words_told
from diem06.desk.signatures import MOST_BYTES, DeviceRequest, KeyFault, by_device, fault, known_device
from diem06.desk.times import milliseconds

MINIMUM_VERSION: Final = "1"
ENROL_RATE: Final = "20/m/ip"
RETRY_SECONDS: Final = 60
_GONE: Final = ("code_used", "code_expired")


# -- trusting a device -----------------------------------------------------------------------------------------------
@csrf_exempt
@access.rule(access.anyone)
def enrol(request: AccessRequest) -> HttpResponse:
    """Trust the device that shows a one-time code. No cookie has a say here, so no CSRF token is asked for."""
    if request.method != "POST":
        return _wrong_method("POST")
    if not consume(request, app="diem06.desk", action="enrol", config={"enrol": ENROL_RATE}):
        refused = fault(HTTPStatus.TOO_MANY_REQUESTS, "too_many", _("Thử mã quá nhiều lần. Đợi một phút rồi thử lại."))
        refused["Retry-After"] = str(RETRY_SECONDS)
        return refused
    if len(request.META.get("CONTENT_LENGTH") or "") > len(str(MOST_BYTES)):
        return _bad("body")
    try:
        told = _enrolment_told(parse_json(request.body))
        device = actions.enrol(**told, at=request.now)
    except (BadBody, KeyFault, EnrolError) as refusal:
        return _no_enrolment(refusal)
    answer = {
        "device": device.code,
        "time": milliseconds(request.now),
        "escrow_key": escrow_public_key(),
        "state": _state(device, request.now),
    }
    return JsonResponse(answer, status=HTTPStatus.CREATED)


class _Told(TypedDict):
    code: str
    key: str
    name: str
    version: str
    user_agent: str


def _enrolment_told(sent: object) -> _Told:
    if not isinstance(sent, dict):
        raise BadBody("body")
    return _Told(
        code=_text(sent, "code", most=40),
        key=_text(sent, "public_key", most=200),
        name=_text(sent, "name", most=80),
        version=_text(sent, "version", most=40, is_needed=False),
        user_agent=_text(
            {**sent, "user_agent": str(sent.get("user_agent") or "")[:300]}, "user_agent", most=300, is_needed=False
        ),
    )


def _text(sent: Mapping[str, Any], name: str, *, most: int, is_needed: bool = True) -> str:
    text = sent.get(name, "")
    if not isinstance(text, str) or len(text) > most or "\x00" in text or not _is_whole(text):
        raise BadBody(name)
    if is_needed and not text.strip():
        raise BadBody(name)
    return text.strip()


def _is_whole(text: str) -> bool:
    return text.isascii() or text.encode("utf-8", "ignore").decode() == text


def _no_enrolment(refusal: BadBody | KeyFault | EnrolError) -> JsonResponse:
    if not isinstance(refusal, EnrolError):
        return _bad(refusal.field if isinstance(refusal, BadBody) else "public_key")
    words = {
        "code_unknown": _("Không có mã này. Kiểm tra từng ký tự, hoặc xin mã mới."),
        "code_used": _("Mã này đã dùng cho một máy. Xin mã mới."),
        "code_expired": _("Mã này đã hết hạn 15 phút. Xin mã mới."),
        "key_taken": _("Máy này đã được ghi danh. Xóa dữ liệu của trang rồi ghi danh lại."),
    }
    status = {"code_unknown": HTTPStatus.NOT_FOUND, "key_taken": HTTPStatus.CONFLICT}
    return fault(status.get(refusal.code, HTTPStatus.GONE), refusal.code, words[refusal.code])


# -- what a device is told -------------------------------------------------------------------------------------------
@by_device
def state(request: DeviceRequest) -> HttpResponse:
    """Say what the device's place is and what may be done there."""
    if request.method != "GET":
        return _wrong_method("GET")
    _read_anew(request)
    _note(request)
    if request.device.is_revoked:
        return _revoked(request.device)
    return JsonResponse(_state(request.device, request.now))


def _state(device: Device, now: datetime) -> dict[str, Any]:
    name, of = place_names(device.place, on=localdate(now))
    told: dict[str, Any] = {
        "time": milliseconds(now),
        "pretended_ms": _pretended_ms(),
        "device": device.code,
        "place": {"key": device.place.key, "name": name, "of": of},
        "is_made_up": _is_made_up(),
        "acts": [],
        "words": {},
        "status": None,
        "wipe": False,
        "minimum_version": MINIMUM_VERSION,
    }
    try:
        service = service_at(device.place)
    except NoServiceError:
        return told
    return told | {
        "acts": acts_told(service),
        "words": words_told(service),
        "status": status_told(service.status(device.place, now), at=now),
    }


def _is_made_up() -> bool:
    try:
        return loaded_plan().is_made_up
    except NoPlanError:
        return False


def _pretended_ms() -> int:
    """How far the clock of a demo is set; 0 in a real installation, where the clock is the machine's."""
    shift = settings.DIEM06_CLOCK() - datetime.now(UTC)
    return round(shift / timedelta(seconds=1)) * 1000


# -- what a device sends ---------------------------------------------------------------------------------------------
@by_device
def event(request: DeviceRequest, event_id: UUID) -> HttpResponse:
    """Take one event under its id."""
    if request.method != "PUT":
        return _wrong_method("PUT")
    try:
        sent = parse_event(parse_json(request.body))
        if sent.id != event_id:
            raise BadBody("id")
        (receipt,) = _receive(request, [sent])
    except _REFUSALS as refusal:
        return _refused(request, refusal)
    return JsonResponse(_told(receipt), status=receipt.http)


@by_device
def events(request: DeviceRequest) -> HttpResponse:
    """Take a part of the device's queue, and say how the place stands."""
    if request.method != "POST":
        return _wrong_method("POST")
    try:
        batch = parse_batch(parse_json(request.body))
        service = service_at(request.device.place)
        receipts = _receive(request, batch.events, length=batch.queue_length, oldest_at=batch.queue_oldest_at)
    except _REFUSALS as refusal:
        return _refused(request, refusal)
    answer = {
        "time": milliseconds(request.now),
        "receipts": [_told(receipt) for receipt in receipts],
        "status": status_told(service.status(request.device.place, request.now), at=request.now),
        "wipe": request.device.wipe_asked_at is not None,
    }
    return JsonResponse(answer)


class _RevokedError(Exception):
    """The device is withdrawn, and nothing is taken of it."""


_REFUSALS: Final = (BadBody, NoServiceError, _RevokedError)


def _refused(request: DeviceRequest, refusal: Exception) -> JsonResponse:
    match refusal:
        case BadBody():
            return _bad(refusal.field)
        case NoServiceError():
            words = _("Máy chủ chưa nhận việc của nơi này. Giữ bản ghi, gửi lại sau.")
            return fault(HTTPStatus.SERVICE_UNAVAILABLE, "no_service", words)
        case _:
            return _revoked(request.device)


@by_device
def wiped(request: DeviceRequest) -> HttpResponse:
    """Note that the device has emptied itself."""
    if request.method != "POST":
        return _wrong_method("POST")
    try:
        sent = parse_json(request.body)
    except BadBody as bad:
        return _bad(bad.field)
    left = sent.get("left", 0) if isinstance(sent, dict) else None
    if type(left) is not int or not 0 <= left < 2**31:
        return _bad("left")
    noted = actions.note_wiped(device=request.device, left=left, at=request.now)
    return JsonResponse({"time": milliseconds(request.now), "noted": noted})


def _receive(
    request: DeviceRequest,
    sent: list[SentEvent] | tuple[SentEvent | BadEvent, ...],
    *,
    length: int | None = None,
    oldest_at: datetime | None = None,
) -> list[Receipt]:
    contact = Contact(skew=request.skew, queue_length=length, queue_oldest_at=oldest_at)
    for _attempt in range(3):
        if request.device.is_revoked:
            _read_anew(request)
            if not request.device.takes_queue:
                raise _RevokedError
        try:
            return actions.receive(device=request.device, sent=sent, contact=contact, at=request.now)
        except DeviceChanged:
            _read_anew(request)
    raise _RevokedError


def _read_anew(request: DeviceRequest) -> None:
    """Read the device as it is now; what the process remembers of it may be from before it was withdrawn."""
    request.device = known_device(request.device.code, anew=True) or request.device


def _note(request: DeviceRequest) -> None:
    actions.note_contact(device=request.device, contact=Contact(skew=request.skew), at=request.now)


# -- answers ---------------------------------------------------------------------------------------------------------
def _told(receipt: Receipt) -> dict[str, Any]:
    told = receipt.as_json()
    if not receipt.is_stored:
        told["message"] = _words(receipt)
    return told


def _words(receipt: Receipt) -> str:
    match receipt.code:
        case "other_body":
            return _("Mã bản ghi này đã dùng cho nội dung khác. Giữ lại và báo quản trị.")
        case "sequence_taken":
            return _("Số thứ tự này đã dùng. Máy tự lấy số mới và gửi lại.")
        case "bad_event":
            return _("Bản ghi sai cấu trúc ở «%(field)s». Mở lại trang khi có mạng.") % {"field": receipt.field}
        case _:
            return _("Máy chủ gặp lỗi với bản ghi này. Giữ lại, gửi lại sau.")


def _bad(field: str) -> JsonResponse:
    message = _("Bản ghi sai cấu trúc ở «%(field)s». Mở lại trang khi có mạng.") % {"field": field}
    return fault(HTTPStatus.BAD_REQUEST, "bad_event", message, field=field)


def _revoked(device: Device) -> JsonResponse:
    message = _("Máy này đã bị thu hồi. Liên hệ đơn vị quản lý.")
    wipe = device.wipe_asked_at is not None
    return fault(HTTPStatus.FORBIDDEN, "revoked", message, wipe=wipe, send_queue=device.takes_queue)


def _wrong_method(allowed: str) -> JsonResponse:
    refused = fault(HTTPStatus.METHOD_NOT_ALLOWED, "wrong_method", allowed)
    refused["Allow"] = allowed
    return refused
