"""What a device sends: shape, once and only once, and what becomes of it."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from diem06.core.audit.models import Entry
from diem06.core.roster.desk import State
from diem06.desk import actions, services
from diem06.desk.events import BadBody, SentEvent, parse_batch, parse_event, parse_json
from diem06.desk.models import Device, Event
from diem06.desk.queries import Gap, gaps_of
from diem06.desk.tests.conftest import NOW, SERVICE
from diem06.desk.tests.conftest import carry_out_many as toy_carry_out_many
from tests.device import event, uuid7, written
from tests.toy.models import ToyFact

TYPED = {
    "number": "001090900001",
    "name": "Nguyễn Văn Thử",
    "birth_year": 1990,
    "sex": "Nam",
    "nationality": "VNM",
    "reason": "Thẻ trầy mã",
}


# -- shape -----------------------------------------------------------------------------------------------------------
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["id", "sequence", "act", "occurred_at", "offset_ms", "read", "typed", "count", "reason", "annuls", "refused", "x"]
)


def or_field(parse: Any, sent: Any) -> Any:
    """What the parser makes of it, or the field that it names. Anything else that it raises fails the test."""
    try:
        return parse(sent)
    except BadBody as refused:
        return refused.field


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_any_json_is_an_event_or_names_a_field(sent: Any) -> None:
    with pytest.raises(BadBody) as refused:
        parse_event(sent)
    assert refused.value.field


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(NAMES, JSON, max_size=3))
def test_a_good_event_with_spoilt_fields_is_an_event_or_names_a_field(spoilt: dict[str, Any]) -> None:
    parsed = or_field(parse_event, {**event(1), **spoilt})
    assert parsed
    assert isinstance(parsed, SentEvent | str)


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_any_json_is_a_batch_or_names_a_field(sent: Any) -> None:
    assert or_field(parse_batch, sent)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"NaN", b"[" * 100_000, b'{"a":' * 50_000, b"9" * 5000, b'"\x00"'], ids=range(8)
)
def test_bytes_that_are_no_json_are_refused(body: bytes) -> None:
    with pytest.raises(BadBody):
        parse_json(body)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "{01a21cba-b9bc-7dba-97ec-768574d50962}"),
        ("id", None),
        ("sequence", 0),
        ("sequence", True),
        ("sequence", 1.0),
        ("sequence", 2**60),
        ("act", "vào"),
        ("act", ""),
        ("occurred_at", "2026-11-27T10:00:00"),
        ("occurred_at", "1999-11-27T10:00:00Z"),
        ("occurred_at", 5),
        ("offset_ms", "1"),
        ("count", 0),
        ("count", 10**9),
        ("reason", "\ud800"),
        ("reason", "x" * 301),
        ("read", {"how": "eye", "raw": ""}),
        ("read", {"how": "mrz", "raw": "\ud800"}),
        ("typed", {"number": "\x00"}),
        ("typed", {"sex": "?"}),
        ("unknown", 1),
    ],
)
@pytest.mark.django_db
def test_a_bad_field_is_answered_by_its_name(desk, field, value) -> None:
    """400 with the field, and nothing is stored."""
    sent = {**event(1), field: value}
    answer = desk.call("PUT", f"/desk/api/events/{uuid7()}/", sent)
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_event"
    assert answer.json()["field"].split(".")[0] == field
    assert not Event.objects.exists()


@settings(max_examples=60, deadline=None)
@given(spoilt=st.dictionaries(NAMES, JSON, min_size=1, max_size=2))
def test_no_body_breaks_the_endpoint(spoilt: dict[str, Any]) -> None:
    """The parser decides alone: what it lets through fits the columns of the table."""
    try:
        parsed = parse_event({**event(1), **spoilt})
    except BadBody:
        return
    for name in ("act", "refused"):
        assert len(getattr(parsed, name)) <= 40
    assert 1 <= parsed.sequence < 2**63
    assert 1 <= parsed.count < 2**31
    json.loads(parsed.content)


# -- once and only once ----------------------------------------------------------------------------------------------
def test_same_id_and_body_get_the_same_answer(desk) -> None:
    """201, then 200 with the same words; the pilot has carried it out once."""
    sent = event(1, typed=TYPED)
    first, again = desk.put(sent), desk.put(sent)
    assert (first.status_code, again.status_code) == (201, 200)
    assert {**first.json(), "http": 200} == again.json()
    assert again.json()["label"] == "Nguyễn Văn T. · …0001"
    assert ToyFact.objects.count() == Event.objects.count() == 1


def test_same_id_with_other_body_is_a_conflict(desk) -> None:
    sent = event(1)
    desk.put(sent)
    answer = desk.put({**sent, "count": 2})
    assert (answer.status_code, answer.json()["code"]) == (409, "other_body")
    assert Event.objects.get().count == 1


def test_order_of_keys_makes_no_other_body(desk) -> None:
    sent = event(1)
    desk.put(sent)
    assert desk.put(dict(reversed(sent.items()))).status_code == 200


def test_another_device_cannot_answer_for_an_event(make_desk) -> None:
    """The same id and body from another device is no repetition."""
    sent = event(1)
    make_desk().put(sent)
    assert make_desk().put(sent).json()["code"] == "other_body"


def test_a_taken_sequence_number_stores_nothing(desk) -> None:
    desk.put(event(1))
    answer = desk.put(event(1))
    assert (answer.status_code, answer.json()["code"]) == (409, "sequence_taken")
    assert ToyFact.objects.count() == Event.objects.count() == 1


def test_id_in_the_path_is_the_id_of_the_event(desk) -> None:
    assert desk.call("PUT", f"/desk/api/events/{uuid7()}/", event(1)).json()["field"] == "id"


# -- what becomes of it ----------------------------------------------------------------------------------------------
def test_event_outcome_and_audit_are_one_transaction(desk) -> None:
    """Row, what the pilot made, and the entry of the trail, without a word of the person."""
    sent = event(1, typed=TYPED)
    receipt = desk.put(sent).json()
    row = Event.objects.get()
    assert (str(row.pk), row.sequence, row.how, row.state) == (sent["id"], 1, "typed", State.ACCEPTED)
    assert receipt["record"] == row.record == f"toy:{ToyFact.objects.get().pk}"
    entry = Entry.objects.get(action="desk_event.receive")
    assert (entry.object_id, entry.details["device"]) == (sent["id"], desk.device.code)
    stored = json.dumps([list(Event.objects.values_list().get()), entry.details], default=str)
    assert not [word for word in ("Nguyễn", "Thử", "001090900001", "0001", "trầy") if word in stored]


def test_where_the_pilot_fails_nothing_stays_and_the_rest_is_taken(desk) -> None:
    """One event breaks; it can be sent again, those around it have receipts."""
    broken = event(2, act="break")
    receipts = desk.post(event(1), broken, event(3)).json()["receipts"]
    assert [one["http"] for one in receipts] == [201, 500, 201]
    assert (receipts[1]["code"], "state" in receipts[1]) == ("server_error", False)
    assert Event.objects.count() == ToyFact.objects.count() == 2
    assert desk.post(event(4), event(5, act="break_database")).json()["receipts"][1]["http"] == 500


def test_refused_read_is_stored_with_its_reason_alone(desk) -> None:
    """By the device, by the server, and what is missing: a receipt each, and the pilot hears of none."""
    receipts = desk.post(
        event(1, refused="truncated"),
        event(2, typed={**TYPED, "number": "00109090000"}),
        event(3, typed={**TYPED, "reason": ""}),
        event(4, act="card_only"),
        event(5, act="no_such_act"),
        event(6, typed={**TYPED, "sex": "Nữ"}),
    ).json()["receipts"]
    assert [one["state"] for one in receipts] == ["rejected"] * 6
    codes = ["truncated", "bad_length", "reason_missing", "bearer_missing", "unknown_act", "number_sex_conflict"]
    assert [one["code"] for one in receipts] == codes
    assert not ToyFact.objects.exists()
    assert list(Event.objects.order_by("sequence").values_list("code", flat=True)) == codes


def test_a_conflict_is_accepted_and_says_so(desk) -> None:
    desk.put(event(1, typed=TYPED))
    assert desk.put(event(2, typed=TYPED)).json()["code"] == "seen_before"


def test_passport_is_known_by_state_and_number(desk) -> None:
    desk.put(event(1, typed={"number": "ab 123-456", "name": "Jo Doe", "nationality": "usa", "reason": "MRZ mờ"}))
    assert ToyFact.objects.get().entity == "USA:AB123456"


# -- annulling -------------------------------------------------------------------------------------------------------
def test_annulling_is_a_new_event_once(make_desk, make_gate) -> None:
    """Another device of the place may take an event back, once; of another place, or what was not taken, never."""
    desk, beside, elsewhere = make_desk(), make_desk(), make_desk(place=make_gate(code="khac"))
    sent, refused = event(1, count=3), event(2, refused="truncated")
    desk.post(sent, refused)
    assert elsewhere.put(event(1, annuls=sent["id"])).json()["code"] == "annuls_other_place"
    assert beside.put(event(1, annuls=sent["id"], count=3)).json()["state"] == "accepted"
    assert beside.put(event(2, annuls=sent["id"])).json()["code"] == "annulled_already"
    assert beside.put(event(3, annuls=refused["id"])).json()["code"] == "annuls_rejected"
    assert beside.put(event(4, annuls=str(uuid.uuid4()))).json()["code"] == "annuls_unknown"
    assert sum(ToyFact.objects.values_list("value", flat=True)) == 0


def test_annulling_within_one_batch(desk) -> None:
    sent = event(1)
    receipts = desk.post(sent, event(2, annuls=sent["id"]), event(3, annuls=sent["id"])).json()["receipts"]
    assert [one["code"] for one in receipts] == ["", "", "annulled_already"]


def use_pilot(monkeypatch, carry_out_many: Any) -> None:
    """Let the toy service do otherwise in one test."""
    service = replace(SERVICE, carry_out_many=carry_out_many)
    monkeypatch.setattr(services, "installed_services", lambda: iter([service]))
    services.services_by_kind.cache_clear()


def test_the_pilot_hears_of_a_batch_at_once_and_of_taking_back_after_what_was_before(desk, monkeypatch) -> None:
    """What is taken back may be in the batch; what the desk refuses never comes to the pilot."""
    heard: list[list[int]] = []

    def carry_out_many(events: Any) -> Any:
        heard.append([event.count for event in events])
        return toy_carry_out_many(events)

    use_pilot(monkeypatch, carry_out_many)
    first = event(1, count=1)
    desk.post(
        first,
        event(2, count=2),
        event(3, refused="truncated"),
        event(4, count=4, annuls=first["id"]),
        event(5, count=5),
        event(6, count=6, annuls=first["id"]),
    )
    assert heard == [[1, 2], [4, 5]]


def test_a_pilot_that_answers_too_little_is_broken(desk, monkeypatch) -> None:
    """Better no receipt than one of another event."""
    use_pilot(monkeypatch, lambda events: toy_carry_out_many(events)[:1])
    receipts = desk.post(event(1), event(2), event(3)).json()["receipts"]
    assert [one["http"] for one in receipts] == [201, 201, 201]  # each alone, as it answers one
    assert ToyFact.objects.count() == 3


def test_database_lets_an_event_be_annulled_once(desk) -> None:
    """Whatever a race does, the constraint holds."""
    sent = event(1)
    desk.post(sent, event(2, annuls=sent["id"]))
    annulling = Event.objects.get(annuls=sent["id"])
    annulling.pk, annulling.sequence = uuid.uuid4(), 9
    with pytest.raises(IntegrityError), transaction.atomic():
        annulling.save(force_insert=True)


def test_database_refuses_to_change_an_event(desk) -> None:
    desk.put(event(1))
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.update(count=5)


# -- batches ---------------------------------------------------------------------------------------------------------
def test_batch_answers_in_order_and_tells_how_the_place_stands(desk) -> None:
    known = event(1)
    desk.put(known)
    answer = desk.post(
        known,
        {"id": "x"},
        event(2, count=4),
        {**known, "count": 9},
        event(2),
        queue={"length": 7, "oldest_at": written(NOW)},
    ).json()
    assert [one["http"] for one in answer["receipts"]] == [200, 400, 201, 409, 409]
    assert answer["receipts"][1]["field"] == "occurred_at"
    assert answer["status"]["inside"] == 5
    desk.device.refresh_from_db()
    assert (desk.device.queue_length, desk.device.queue_oldest_at) == (7, NOW)


def test_batch_over_two_hundred_is_refused(desk) -> None:
    assert desk.post(*[event(number) for number in range(1, 202)]).json()["field"] == "events"


def test_a_batch_costs_few_queries(desk, django_assert_num_queries) -> None:
    """Begin, how it stands, events, the device's counts, audit, contact, commit, status; and per event the pilot's one."""
    desk.put(event(1))
    sent = [event(number) for number in range(2, 12)]
    with django_assert_num_queries(8 + len(sent)):
        desk.post(*sent, queue={"length": 10})


def test_an_event_costs_few_queries(desk, django_assert_num_queries) -> None:
    """Begin, how it stands, the pilot's one, event, the device's counts, audit, commit."""
    desk.put(event(1))
    with django_assert_num_queries(7):
        desk.put(event(2))


# -- clock and sequence ----------------------------------------------------------------------------------------------
def test_skew_is_measured_and_flagged_and_scan_time_stays(make_desk) -> None:
    """A clock that is 6 minutes off: the device's word is kept, with a flag."""
    desk = make_desk(clock=timedelta(minutes=-6))
    told = NOW - timedelta(minutes=6)
    answer = desk.put(event(1, occurred_at=written(told), offset_ms=None)).json()
    row = Event.objects.get()
    assert (row.occurred_at, row.received_at, row.skew_ms) == (told, NOW, 360_000)
    assert answer["flags"] == ["clock_skew"]
    assert "clock_skew" not in desk.put(event(2, offset_ms=-299_000)).json()["flags"]


def test_contact_tells_skew_of_the_device(make_desk) -> None:
    desk = make_desk(clock=timedelta(seconds=90))
    desk.post()
    desk.device.refresh_from_db()
    assert desk.device.skew_ms == -90_000


def test_gaps_are_the_numbers_that_never_came(desk) -> None:
    desk.post(*[event(number) for number in (3, 4, 7, 9)])
    assert gaps_of(desk.device) == [Gap(first=1, last=2), Gap(first=5, last=6), Gap(first=8, last=8)]


def test_a_device_keeps_how_many_events_came(desk) -> None:
    """Each once, whatever came again, was refused or came late: as if they were counted."""
    sent = [event(number) for number in (3, 4, 9)]
    desk.post(*sent)
    desk.post(*sent, event(4), event(7, act="no_such_act"))
    desk.put(event(1))
    desk.device.refresh_from_db()
    stored = Event.objects.filter(device=desk.device)
    assert desk.device.event_count == stored.count() == 5
    assert (desk.device.last_sequence, desk.device.missing) == (9, sum(gap.count for gap in gaps_of(desk.device)))


def test_contact_is_kept_no_finer_than_ten_seconds(desk, settings) -> None:
    desk.put(event(1))
    settings.DIEM06_CLOCK = lambda: NOW + timedelta(seconds=9)
    desk.put(event(2))
    assert Device.objects.get().last_seen_at == NOW
    settings.DIEM06_CLOCK = lambda: NOW + timedelta(seconds=10)
    desk.put(event(3))
    assert Device.objects.get().last_seen_at == NOW + timedelta(seconds=10)


def test_no_service_keeps_the_events_on_the_device(desk, make_gate, make_desk) -> None:
    """A pilot that is not there: 503, nothing stored."""
    from diem06.core.places.models import Place

    Place.objects.update(kind="of_no_pilot")
    assert desk.put(event(1)).status_code == 503
    assert desk.post(event(1)).json()["code"] == "no_service"
    assert not Event.objects.exists()
    assert desk.call("GET", "/desk/api/state/").json()["acts"] == []


def test_receipts_follow_the_commit(desk, monkeypatch) -> None:
    """Where the last write fails, no receipt says that anything was stored."""

    def fail(*_: Any, **__: Any) -> None:
        raise IntegrityError("the disk")

    monkeypatch.setattr(actions, "record_many", fail)
    assert desk.put(event(1)).status_code == 500
    assert not connection.in_atomic_block or not Event.objects.exists()
