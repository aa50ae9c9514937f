"""Pages about devices: who sees them, what they say, what they do."""

from __future__ import annotations

import io
import json
import re
import secrets
from base64 import b64encode
from datetime import timedelta

import openpyxl
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from diem06.core.access import PROVINCE_WIDE, Role
from diem06.core.audit.models import Entry
from diem06.core.organisation.actions import add_person, new_totp_secret, set_totp
from diem06.desk import actions
from diem06.desk.escrow import escrow_public_key, seal_for_server
from diem06.desk.exports import sealed_export, signed_part
from diem06.desk.models import Device, Enrolment, Event
from diem06.desk.tests.conftest import NOW, UNIT
from tests.device import Key, event, written


@pytest.fixture
def sign_in(db):
    def make(role, unit=UNIT):
        user = add_person(username=f"{role.value}-{unit}", full_name="Nguyễn Thị Hà", password="mot-mat-khau-dai")
        user.roles.create(role=role, unit_code=unit, from_day=NOW.date())  # its unit needs no plan here
        if role in PROVINCE_WIDE:
            set_totp(user, new_totp_secret())
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def head(sign_in):
    return sign_in(Role.UNIT_HEAD)


def exported(desk, events, **changed):
    """A file as the device writes it."""
    file = sealed_export(events, device=desk.device.code, escrow_key=escrow_public_key(), nonce=secrets.token_bytes(12))
    signed = signed_part(sealed=file["sealed"], key=file["key"], nonce=file["nonce"])
    return {**file, "signature": desk.key.sign(signed), **changed}


def bring(client, desk, file):
    content = json.dumps(file).encode() if isinstance(file, dict) else file
    sent = {"file": SimpleUploadedFile("hang-doi.json", content)}
    return client.post(f"/desk/devices/{desk.device.code}/import/", sent, follow=True)


# -- who sees what ---------------------------------------------------------------------------------------------------
def test_a_unit_sees_its_own_devices(make_desk, make_gate, head) -> None:
    own, other = make_desk(), make_desk(place=make_gate(code="khac", name="Cổng xa", unit="ubnd-luc-nam"))
    page = head.get("/desk/devices/").content.decode()
    assert own.device.code in page
    assert other.device.code not in page
    assert head.get(f"/desk/devices/{own.device.code}/").status_code == 200
    for path in ("", "events.xlsx"):
        assert head.get(f"/desk/devices/{other.device.code}/{path}").status_code == 403
    for path in ("revoke/", "import/"):
        assert head.post(f"/desk/devices/{other.device.code}/{path}").status_code == 403
    assert Device.objects.filter(revoked_at=None).count() == 2


def test_the_province_reads_and_does_nothing(desk, sign_in) -> None:
    auditor = sign_in(Role.AUDITOR, "cong-an-tinh")
    page = auditor.get(f"/desk/devices/{desk.device.code}/")
    assert "Thu hồi máy" not in page.content.decode()
    assert auditor.post(f"/desk/devices/{desk.device.code}/revoke/").status_code == 403


def test_list_costs_the_same_for_many_devices(make_desk, head, django_assert_max_num_queries) -> None:
    for _each in range(30):
        desk = make_desk()
    desk.post(event(1), event(3))
    with django_assert_max_num_queries(14):
        page = head.get("/desk/devices/?sort=-missing").content.decode()
    assert re.findall(r"/desk/devices/(TB-\d+)/", page)[0] == desk.device.code
    assert "thiếu 1 bản ghi" in page


def test_list_is_narrowed_by_state_and_words(make_desk, make_gate, head) -> None:
    silent, skewed = make_desk(), make_desk(place=make_gate(code="sau", name="Cổng sau"), clock=timedelta(hours=1))
    skewed.post(queue={"length": 3, "oldest_at": written(NOW)})
    for query in ("state=skewed", "state=waiting", "q=cong+sau"):
        page = head.get(f"/desk/devices/?{query}").content.decode()
        assert skewed.device.code in page
        assert silent.device.code not in page


def test_list_is_narrowed_to_a_place_and_what_lies_in_it(make_desk, make_gate, head) -> None:
    """Of a site: the devices at its gates alone; filter, order and the form for a new device stay with it."""
    site = make_gate(code="khu", name="Khu")
    point = make_gate(code="khu-1", name="Điểm", parent=site)
    here = make_desk(place=make_gate(code="khu-1-c1", name="Cổng", parent=point))
    elsewhere = make_desk(place=make_gate(code="khac", name="Cổng xa"))
    page = head.get(f"/desk/devices/?place={site.pk}&sort=code")
    assert [line.device.code for line in page.context["page"]] == [here.device.code]
    assert f"/desk/devices/enrol/?place={site.pk}" in page.content.decode()
    form = head.get(f"/desk/devices/enrol/?place={point.pk}").context["form"]
    assert {value for value, _name in form.fields["place"].choices} == {"", str(point.pk), str(here.device.place_id)}
    for odd in ("x", "999999", "-1", ""):
        whole = head.get(f"/desk/devices/?place={odd}")
        assert {line.device.code for line in whole.context["page"]} == {here.device.code, elsewhere.device.code}


def test_device_page_costs_the_same_for_many_events(desk, head, django_assert_max_num_queries) -> None:
    desk.post(*[event(number) for number in range(1, 101)])
    with django_assert_max_num_queries(18):
        page = head.get(f"/desk/devices/{desk.device.code}/")
    assert page.content.decode().count("<tr>") == 51


# -- enrolment -------------------------------------------------------------------------------------------------------
def test_a_code_is_shown_to_its_maker_with_its_qr(gate, head, sign_in) -> None:
    """The QR holds the address of the desk and the code, in its fragment; nobody else sees either."""
    answer = head.post("/desk/devices/enrol/", {"place": gate.pk})
    path = answer["Location"]
    page = head.get(path).content.decode()
    code = next(iter(head.session["desk_codes"].values()))
    assert code in page
    drawn = head.get(path + "qr.svg")
    assert drawn["Content-Type"] == "image/svg+xml"
    assert b"<svg" in drawn.content
    other = sign_in(Role.ADMINISTRATOR, "cong-an-tinh")
    assert (other.get(path).status_code, other.get(path + "qr.svg").status_code) == (404, 404)
    actions.enrol(code=code, key=Key().public, name="Máy mới", version="1", user_agent="", at=NOW)
    page = head.get(path).content.decode()
    assert "Máy mới" in page
    assert code not in page


def test_a_code_is_made_for_ones_own_places_alone(make_gate, head) -> None:
    other = make_gate(code="khac", unit="ubnd-luc-nam")
    answer = head.post("/desk/devices/enrol/", {"place": other.pk})
    assert answer.status_code == 200
    assert not Enrolment.objects.exists()


# -- events ----------------------------------------------------------------------------------------------------------
def test_events_are_listed_narrowed_and_exported(desk, head) -> None:
    """What the list shows is what the file holds."""
    desk.post(event(1), event(2, act="leave"), event(5, refused="truncated"))
    address = f"/desk/devices/{desk.device.code}/"
    page = head.get(address).content.decode()
    assert "3 đến 4" in page
    assert "Đọc chưa đủ. Quét lại thẻ." in page
    narrowed = head.get(address + "?state=rejected").content.decode()
    assert narrowed.count("<tr>") == 2
    file = head.get(address + "events.xlsx?state=rejected&sort=sequence")
    rows = list(openpyxl.load_workbook(io.BytesIO(file.content)).active.values)
    assert [row[0] for row in rows[1:]] == [5]
    assert head.get(address + "?act=leave&day=2100-01-01&sort=nonsense").status_code == 200


# -- withdrawal ------------------------------------------------------------------------------------------------------
def test_revoking_on_the_page(desk, head) -> None:
    page = head.post(f"/desk/devices/{desk.device.code}/revoke/", {"takes_queue": "on"}, follow=True)
    assert "Đã thu hồi máy TB-" in page.content.decode()
    desk.device.refresh_from_db()
    assert (desk.device.takes_queue, desk.device.wipe_asked_at) == (True, None)
    head.post(f"/desk/devices/{desk.device.code}/revoke/")
    desk.device.refresh_from_db()
    assert desk.device.wipe_asked_at == NOW


# -- a file in place of a network ------------------------------------------------------------------------------------
def test_an_exported_file_is_taken_once(desk, head) -> None:
    """Also of a device that is gone: new events come in, known ones do not twice, and the trail says who brought them."""
    sent = [event(number) for number in range(1, 4)]
    desk.put(sent[0])
    actions.revoke(device=desk.device, takes_queue=False, wipes=True, by=None, at=NOW + timedelta(days=365))
    page = bring(head, desk, exported(desk, sent)).content.decode()
    assert "Đã nhận 2 bản ghi mới, 1 đã có từ trước, 0 không nhận được." in page
    assert list(Event.objects.order_by("sequence").values_list("from_file", flat=True)) == [False, True, True]
    entry = Entry.objects.get(action="desk_device.import_queue")
    assert (entry.by_id is not None, entry.details["new"]) == (True, 2)
    assert "Đã nhận 0 bản ghi mới" in bring(head, desk, exported(desk, sent)).content.decode()


def test_a_file_with_more_than_a_batch_is_taken_whole(desk, head) -> None:
    bring(head, desk, exported(desk, [event(number) for number in range(1, 431)]))
    assert Event.objects.count() == 430


def without_pin(desk, events, data_key):
    """A file as the device writes it when nobody knows its PIN any more."""
    records = []
    for one in events:
        event_without = {name: value for name, value in one.items() if name != "sequence"}
        iv = secrets.token_bytes(12)
        sealed = AESGCM(data_key).encrypt(
            iv, json.dumps({"event": event_without, "label": "x"}).encode(), one["id"].encode()
        )
        sealed, iv = b64encode(sealed).decode(), b64encode(iv).decode()
        records.append({"id": one["id"], "sequence": one["sequence"], "iv": iv, "sealed": sealed})
    key, sealed_key = seal_for_server(data_key, escrow_key=escrow_public_key(), nonce=bytes(12))
    told = {"key": key, "nonce": b64encode(bytes(12)).decode(), "sealed": b64encode(sealed_key).decode()}
    signature = desk.key.sign(signed_part(**told, records=records))
    return {"version": 2, "device": desk.device.code, **told, "records": records, "signature": signature}


def test_a_file_written_without_the_pin_is_taken(desk, head) -> None:
    """The server opens the records themselves; one that does not open holds up no other."""
    key = secrets.token_bytes(32)
    file = without_pin(desk, [event(number) for number in (1, 2, 3)], key)
    file["records"][1]["iv"] = b64encode(bytes(12)).decode()
    told = {name: file[name] for name in ("key", "nonce", "sealed")}
    page = bring(head, desk, {**file, "signature": desk.key.sign(signed_part(**told, records=file["records"]))})
    assert "Đã nhận 2 bản ghi mới, 0 đã có từ trước, 1 không nhận được." in page.content.decode()
    assert list(Event.objects.order_by("sequence").values_list("sequence", flat=True)) == [1, 3]


@pytest.mark.parametrize(
    "records", [None, [], [None], [{"id": 5}], [{"id": "x", "sequence": 1, "iv": "", "sealed": ""}], "x"]
)
def test_odd_records_break_nothing(desk, head, records) -> None:
    file = without_pin(desk, [], secrets.token_bytes(32))
    told = {name: file[name] for name in ("key", "nonce", "sealed")}
    signature = desk.key.sign(signed_part(**told, records=records if isinstance(records, list) else []))
    assert bring(head, desk, {**file, "records": records, "signature": signature}).status_code == 200
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"device": "TB-999"}, "của máy khác"),
        ({"signature": "AAAA"}, "đã bị sửa"),
        ({"nonce": "AAAAAAAAAAAAAAAA"}, "đã bị sửa"),
        ({"version": 3}, "không phải tệp"),
        ({"sealed": 5}, "không phải tệp"),
        ({"sealed": "ü"}, "không phải tệp"),
    ],
)
def test_a_wrong_file_is_refused_in_words(desk, head, change, words) -> None:
    page = bring(head, desk, exported(desk, [event(1)], **change)).content.decode()
    assert words in page
    assert not Event.objects.exists()


def test_a_file_for_another_server_is_refused(desk, head) -> None:
    file = sealed_export([event(1)], device=desk.device.code, escrow_key=Key().public, nonce=bytes(12))
    signed = signed_part(sealed=file["sealed"], key=file["key"], nonce=file["nonce"])
    page = bring(head, desk, {**file, "signature": desk.key.sign(signed)}).content.decode()
    assert "của hệ thống khác" in page


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"version": 1}'], ids=range(5))
def test_no_file_breaks_the_page(desk, head, content) -> None:
    assert bring(head, desk, content).status_code == 200


def test_escrow_key_lies_sealed(settings, tmp_path) -> None:
    """Without the ring of sealing keys its file opens nothing."""
    settings.DIEM06_DATA = tmp_path
    escrow_public_key()
    stored = json.loads((tmp_path / "desk-escrow.json").read_text())
    assert set(stored) == {"public", "sealed"}
    assert (tmp_path / "desk-escrow.json").stat().st_mode & 0o077 == 0
