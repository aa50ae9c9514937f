r"""
Calls of devices: each is signed with the device's own key (ECDSA, P-256, SHA-256; r and s as 32 bytes each).

    Desk-Device: TB-014
    Desk-Time: 2026-11-27T10:42:07.123Z
    Desk-Signature: base64 over "METHOD\nPATH\nDESK-TIME\nhex(sha256(body))"

A wrong clock is never a reason to refuse a call. A call that is played again does nothing new: events are told apart by their id.
"""

from __future__ import annotations

import binascii
import hashlib
from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache, wraps
from http import HTTPStatus
from typing import Any, Concatenate, Final, ParamSpec

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from diem06.core import access
from diem06.core.access import AccessRequest
from diem06.desk.models import Device
from diem06.desk.times import read_time

_HALF = 32  # bytes of r and of s
MOST_BYTES: Final = 1024 * 1024
_LENGTH_DIGITS: Final = 7

P = ParamSpec("P")


class KeyFault(ValueError):
    """No public key of P-256."""


class DeviceRequest(AccessRequest):
    """A request whose signature holds. For annotations only."""

    device: Device
    skew: timedelta | None  # server minus device clock; None where the device told no time


@lru_cache(maxsize=4096)
def public_key(encoded: str) -> ec.EllipticCurvePublicKey:
    """Return the key of a base64 SubjectPublicKeyInfo. Raises KeyFault. The keys of devices never change, so they are kept."""
    try:
        key = load_der_public_key(b64decode(encoded, validate=True))
    except Exception as fault:  # the library raises several kinds, by what is wrong with the bytes
        raise KeyFault("no public key") from fault
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeyFault("no key of P-256")
    return key


def holds(*, key: str, signature: str, content: bytes) -> bool:
    """Tell whether `signature` (base64 of r and s) over `content` was made with the private half of `key`."""
    try:
        raw = b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return False
    if len(raw) != 2 * _HALF:
        return False
    encoded = encode_dss_signature(int.from_bytes(raw[:_HALF], "big"), int.from_bytes(raw[_HALF:], "big"))
    try:
        public_key(key).verify(encoded, content, ec.ECDSA(SHA256()))
    except (InvalidSignature, KeyFault):
        return False
    return True


def signed_text(*, method: str, path: str, time: str, body: bytes) -> bytes:
    """Return what a device signs for one call; `path` with its query."""
    return f"{method}\n{path}\n{time}\n{hashlib.sha256(body).hexdigest()}".encode()


def fault(status: HTTPStatus, code: str, message: str, **more: Any) -> JsonResponse:
    """Return the answer of every refused call: a code for the program, a sentence for the person."""
    return JsonResponse({"code": code, "message": message, **more}, status=status)


def by_device(
    view: Callable[Concatenate[DeviceRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """
    Let a call in by its signature, and put `request.device` and `request.skew` in place.

    The rule is `anyone`, for no person signs in on a device; this decorator is what lets in. It alone sets the view free of the CSRF
    token, which guards cookies: there is none here.
    """

    @wraps(view)
    def held(request: DeviceRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if len(request.META.get("CONTENT_LENGTH") or "") > _LENGTH_DIGITS or len(request.body) > MOST_BYTES:
            return fault(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", _("Gửi ít bản ghi hơn trong một lần."))
        code, time = request.headers.get("Desk-Device", ""), request.headers.get("Desk-Time", "")
        query = request.META.get("QUERY_STRING")
        path = f"{request.path}?{query}" if query else request.path
        content = signed_text(method=request.method or "", path=path, time=time, body=request.body)
        signature = request.headers.get("Desk-Signature", "")
        device = known_device(code)
        if device is None or not holds(key=device.public_key, signature=signature, content=content):
            device = known_device(code, anew=True)
            if device is None:
                words = _("Máy này chưa được ghi danh. Ghi danh lại bằng mã mới.")
                return fault(HTTPStatus.UNAUTHORIZED, "unknown_device", words)
            if not holds(key=device.public_key, signature=signature, content=content):
                words = _("Chữ ký của máy không đúng. Ghi danh lại máy.")
                return fault(HTTPStatus.UNAUTHORIZED, "bad_signature", words)
        told = read_time(time)
        request.device = device
        request.skew = request.now - told if told else None
        return view(request, *args, **kwargs)

    return csrf_exempt(access.rule(access.anyone)(held))  # type: ignore[arg-type, return-value]  # the request is made a device's here


_known: dict[str, Device] = {}
_MOST_KNOWN: Final = 4096


def known_device(code: str, *, anew: bool = False) -> Device | None:
    """
    Return a device by its code, from the memory of this process or, `anew`, from the database.

    Key, place and code of a device never change, so they may be remembered. Whether it is withdrawn may change at any time: who takes
    something from a device looks at that in the same transaction.
    """
    if not anew and (known := _known.get(code)) is not None:
        return known
    if not (0 < len(code) <= 20 and code.isascii() and code.isprintable()):
        return None
    device = Device.objects.select_related("place").filter(code=code).first()
    if device is None:
        _known.pop(code, None)
        return None
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    _known[code] = device
    return device
