"""Trusting a device and withdrawing it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from diem06.core.access import urls_with_rules
from diem06.core.audit.models import Entry
from diem06.desk import actions
from diem06.desk.models import Device, Enrolment, Event
from diem06.desk.signatures import public_key
from diem06.desk.tests.conftest import NOW
from tests.device import Key, event, written


@pytest.fixture(autouse=True)
def _no_rates(db):
    cache.clear()


def enrol(code, key=None, client=None, **more):
    body = {"code": code, "public_key": (key or Key()).public, "name": "Máy cổng chính", "version": "1", **more}
    return (client or Client(enforce_csrf_checks=True)).post(
        "/desk/api/enrol/", json.dumps(body), content_type="application/json"
    )


def make_code(gate, at=NOW):
    return actions.make_enrolment(place=gate, by=None, at=at)[1]


# -- enrolment -------------------------------------------------------------------------------------------------------
def test_a_code_makes_a_device_that_may_sign(gate, make_desk) -> None:
    """The answer has all that the device needs; its first signed call is answered."""
    from diem06.desk.tests.conftest import Desk

    key = Key()
    answer = enrol(make_code(gate), key)
    assert answer.status_code == 201
    told = answer.json()
    assert public_key(told["escrow_key"])
    assert told["state"]["place"] == {"key": "toy_gate:tay-yen-tu", "name": "Cổng chính", "of": ""}
    device = Device.objects.get(code=told["device"])
    assert device.name == "Máy cổng chính"
    state = Desk(device, key).call("GET", "/desk/api/state/")
    assert state.status_code == 200
    assert [act["code"] for act in state.json()["acts"]][:2] == ["enter", "leave"]
    assert set(state.json()["words"]["truncated"]) == {"vi", "en"}


def test_a_code_is_kept_as_a_digest_and_works_once(gate) -> None:
    code = make_code(gate)
    assert code.replace("-", "") not in str(Enrolment.objects.values_list().get())
    assert enrol(code.lower().replace("-", " ")).status_code == 201
    again = enrol(code)
    assert (again.status_code, again.json()["code"]) == (410, "code_used")


def test_a_code_dies_after_fifteen_minutes(gate) -> None:
    code = make_code(gate, at=NOW - timedelta(minutes=15))
    assert (enrol(code).status_code, enrol(code).json()["code"]) == (410, "code_expired")
    assert enrol(make_code(gate, at=NOW - timedelta(minutes=14, seconds=59))).status_code == 201


def test_an_unknown_code_lets_nobody_in(gate) -> None:
    assert (enrol("AAAA-AAAA").status_code, enrol("AAAA-AAAA").json()["code"]) == (404, "code_unknown")


def test_a_key_is_one_device(gate) -> None:
    """The code is used up by it all the same: nothing tells who tried."""
    key = Key()
    enrol(make_code(gate), key)
    assert enrol(make_code(gate), key).json()["code"] == "key_taken"


@pytest.mark.parametrize(
    ("field", "value"), [("public_key", "AAAA"), ("public_key", ""), ("name", ""), ("name", "x" * 81), ("code", 5)]
)
def test_a_bad_enrolment_names_its_field(gate, field, value) -> None:
    answer = enrol(**{"code": make_code(gate), field: value})
    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_guessing_codes_is_held_off(gate) -> None:
    answers = [enrol("AAAA-AAAA") for _each in range(21)]
    assert answers[19].status_code == 404
    assert (answers[20].status_code, answers[20]["Retry-After"]) == (429, "60")


# -- signatures ------------------------------------------------------------------------------------------------------
def test_every_call_but_enrolment_wants_a_signature(db) -> None:
    """A new address under api/ that forgets it fails here."""
    calls = [url for url in urls_with_rules() if url.route.startswith("desk/api/") and url.name != "desk:api-enrol"]
    assert len(calls) == 4
    for url in calls:
        args = [event(1)["id"]] if "<" in url.route else []
        for method in ("GET", "POST", "PUT", "DELETE"):
            answer = Client().generic(method, reverse(url.name, args=args), b"{}")
            assert (answer.status_code, answer.json()["code"]) == (401, "unknown_device"), url.route


def test_a_signature_is_for_one_call(desk) -> None:
    """Method, path, time and body are in it; another device's key does not do."""
    sent = event(1)
    path, body = f"/desk/api/events/{sent['id']}/", json.dumps(sent).encode()
    good = desk.key.headers(desk.device.code, "PUT", path, body, at=NOW)

    def status(method="PUT", path=path, body=body, **changed):
        headers = {**good, **changed}
        return Client().generic(method, path, body, content_type="application/json", headers=headers).status_code

    other = Key().headers(desk.device.code, "PUT", path, body, at=NOW)
    assert status(method="POST") == 401
    assert status(path=path + "?a=1") == 401
    assert status(body=body + b" ") == 401
    assert status(**{"Desk-Time": written(NOW + timedelta(seconds=1))}) == 401
    assert status(**{"Desk-Signature": other["Desk-Signature"]}) == 401
    assert status(**{"Desk-Signature": "AAAA"}) == 401
    assert status(**{"Desk-Signature": "ü"}) == 401
    assert status() == 201


def test_a_wrong_clock_is_no_reason_to_refuse(make_desk) -> None:
    assert make_desk(clock=timedelta(days=-4000)).put(event(1)).status_code == 201


def test_too_large_a_body_is_refused_unread(desk) -> None:
    assert desk.call("POST", "/desk/api/events/", b" " * (1024 * 1024 + 1)).status_code == 413


# -- withdrawal ------------------------------------------------------------------------------------------------------
def test_a_revoked_device_is_refused_and_told_to_wipe(desk) -> None:
    actions.revoke(device=desk.device, takes_queue=False, wipes=True, by=None, at=NOW)
    for answer in (desk.call("GET", "/desk/api/state/"), desk.put(event(1)), desk.post(event(1))):
        assert answer.status_code == 403
        assert answer.json() | {"message": ""} == {"code": "revoked", "message": "", "wipe": True, "send_queue": False}
    assert not Event.objects.exists()


def test_what_was_done_before_revocation_may_still_be_taken(desk) -> None:
    """Later events are kept as rejected, so that the sequence stays whole."""
    actions.revoke(device=desk.device, takes_queue=True, wipes=True, by=None, at=NOW)
    before, after = (
        event(1, occurred_at=written(NOW - timedelta(hours=1))),
        event(2, occurred_at=written(NOW + timedelta(seconds=1))),
    )
    assert desk.call("GET", "/desk/api/state/").json()["send_queue"] is True
    answer = desk.post(before, after).json()
    assert [one["state"] for one in answer["receipts"]] == ["accepted", "rejected"]
    assert answer["receipts"][1]["code"] == "after_revocation"
    assert answer["wipe"] is True


def test_a_device_says_once_that_it_is_empty(desk) -> None:
    """Only where it was asked; the trail has it."""
    assert desk.call("POST", "/desk/api/wiped/", {"left": 2}).json()["noted"] is False
    actions.revoke(device=desk.device, takes_queue=False, wipes=True, by=None, at=NOW)
    assert desk.call("POST", "/desk/api/wiped/", {"left": 2}).json()["noted"] is True
    assert desk.call("POST", "/desk/api/wiped/", {"left": 0}).json()["noted"] is False
    desk.device.refresh_from_db()
    assert (desk.device.wiped_at, desk.device.wiped_left) == (NOW, 2)
    assert Entry.objects.filter(action="desk_device.wiped").count() == 1


def test_revoking_is_for_good_and_once(desk) -> None:
    actions.revoke(device=desk.device, takes_queue=False, wipes=False, by=None, at=NOW)
    with pytest.raises(actions.RevokeError):
        actions.revoke(device=desk.device, takes_queue=True, wipes=False, by=None, at=NOW)
    actions.ask_to_wipe(device=desk.device, by=None, at=NOW)
    assert desk.call("GET", "/desk/api/state/").json()["wipe"] is True


def test_only_a_withdrawn_device_is_wiped(desk) -> None:
    with pytest.raises(actions.RevokeError):
        actions.ask_to_wipe(device=desk.device, by=None, at=NOW)
