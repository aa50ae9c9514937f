"""The trail: entries with their action, the chain, what verification finds."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from diem06.core.audit import actions, chain, queries, triggers
from diem06.core.audit.models import ChainHead, Entry

NOON = datetime(2023, 7, 14, 5, 0, tzinfo=UTC)


def record(number=1, **changes):
    values: dict[str, Any] = {
        "by": 7,
        "action": "report.approve",
        "object_type": "report",
        "object_id": str(number),
        "details": {"number": number, "đơn vị": "Sở Y tế"},
        "at": NOON,
    }
    with transaction.atomic():
        return actions.record(**values | changes)


def broken(**changes):
    """Change entries behind the guard's back, as one who owns the database could."""
    triggers.drop(connection, triggers.CHANGE)
    triggers.drop(connection, triggers.DELETE)
    for pk, values in changes.items():
        if values is None:
            Entry.objects.filter(pk=int(pk[1:])).delete()
        else:
            Entry.objects.filter(pk=int(pk[1:])).update(**values)
    triggers.create(connection)


@pytest.fixture
def five(db):
    """Five linked entries."""
    entries = [record(number) for number in range(5)]
    actions.link_pending()
    return entries


# -- writing ---------------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_an_entry_outside_a_transaction_is_refused():
    with pytest.raises(transaction.TransactionManagementError, match="atomic"):
        actions.record(by=1, action="a.b", object_type="a", object_id="1", details={}, at=NOON)


@pytest.mark.django_db(transaction=True)
def test_an_entry_goes_with_its_action():
    """What is rolled back leaves no entry."""
    with transaction.atomic():
        actions.record(by=1, action="a.b", object_type="a", object_id="1", details={}, at=NOON)
        transaction.set_rollback(True)

    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_committing_links_at_most_once_in_a_while(monkeypatch):
    """The chain keeps up by itself without slowing each action down."""
    clock = iter([100.0, 101.0, 106.0])
    monkeypatch.setattr(actions, "monotonic", lambda: next(clock))
    monkeypatch.setattr(actions, "_last_linking", float("-inf"))

    linked = []
    for number in range(3):
        record(number)
        linked.append(Entry.objects.filter(position__isnull=False).count())

    assert linked == [1, 1, 3]


@pytest.mark.django_db(transaction=True)
def test_what_is_done_stays_done_when_linking_fails(monkeypatch):
    monkeypatch.setattr(actions, "_last_linking", float("-inf"))
    monkeypatch.setattr(actions, "link_pending", lambda **options: 1 / 0)

    record()

    assert Entry.objects.count() == 1


@pytest.mark.django_db
def test_details_become_plain():
    entry = record(
        details={"day": date(2023, 7, 14), "value": Decimal("0.10"), "codes": ("07228", "07267"), "at": NOON}
    )

    entry.refresh_from_db()
    assert entry.details == {
        "day": "2023-07-14",
        "value": "0.10",
        "codes": ["07228", "07267"],
        "at": "2023-07-14T05:00:00+00:00",
    }


@pytest.mark.django_db
def test_a_float_is_refused():
    """PostgreSQL writes some floats in another way than SQLite: a moved trail would no longer verify."""
    with pytest.raises(TypeError, match="Decimal"):
        record(details={"value": [0.1]})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(json_values)
def test_plain_survives_json_and_is_its_own_result(value):
    plain = chain.plain(value)

    assert json.loads(json.dumps(plain)) == plain == chain.plain(plain)


# -- linking ---------------------------------------------------------------------------------------------------------
def test_the_chain_follows_the_published_form(five):
    """The hash of the first entry, computed by hand from the form that `chain` describes."""
    import hashlib

    first = Entry.objects.get(position=1)
    text = (
        '{"action":"report.approve","at":"2023-07-14T05:00:00.000000+00:00","by_id":7,"by_name":"",'
        '"details":{"number":0,"đơn vị":"Sở Y tế"},"id":' + str(first.pk) + ',"object_id":"0","object_type":"report",'
        '"position":1,"previous_hash":"' + "0" * 64 + '"}'
    )
    assert first.hash == hashlib.sha256(text.encode()).hexdigest()
    assert Entry.objects.get(position=2).previous_hash == first.hash


def test_linking_goes_on_in_batches(db):
    for number in range(5):
        record(number)

    assert [actions.link_pending(limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert queries.verify().holds
    assert list(Entry.objects.order_by("pk").values_list("position", flat=True)) == [1, 2, 3, 4, 5]


def test_an_entry_with_a_smaller_id_that_commits_late_is_linked_after(five):
    """The order of the chain is the order of linking."""
    late = Entry.objects.create(
        pk=five[0].pk - 1, at=NOON, by_id=7, action="a.b", object_type="a", object_id="late", details={}
    )

    assert actions.link_pending() == 1
    late.refresh_from_db()
    assert late.position == 6
    assert queries.verify().holds


def test_a_chain_with_a_wrong_head_is_not_continued(five):
    record(6)
    ChainHead.objects.update(hash="f" * 64)

    with pytest.raises(actions.ChainBroken, match="audit verify"):
        actions.link_pending()


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_chain(monkeypatch):
    """Threads that write and link at the same time neither fork the chain nor lose an entry."""
    monkeypatch.setattr(actions, "LINK_EVERY_SECONDS", 0)

    def work(worker):
        try:
            for number in range(8):
                record(f"{worker}-{number}")
                actions.link_pending(limit=3)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    while actions.link_pending():
        pass

    found = queries.verify()
    assert found.holds
    assert (found.linked, found.unlinked) == (32, 0)


# -- the guard of the database ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("values", [{"details": {"number": 99}}, {"by_id": 8}, {"hash": "0" * 64}, {"position": 77}])
def test_the_database_refuses_to_change_a_linked_entry(five, values):
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Entry.objects.filter(pk=five[2].pk).update(**values)


def test_the_database_refuses_to_change_what_an_unlinked_entry_says(five):
    entry = record(6)

    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Entry.objects.filter(pk=entry.pk).update(action="report.return")


def test_the_database_refuses_to_delete_an_entry(five):
    for entry in (five[2], record(6)):
        with pytest.raises(DatabaseError, match="never"), transaction.atomic():
            Entry.objects.filter(pk=entry.pk).delete()


# -- verifying -------------------------------------------------------------------------------------------------------
def test_a_whole_chain_holds_and_tells_what_is_not_linked(five):
    record(6)
    found = queries.verify()

    assert found.holds
    assert (found.linked, found.unlinked, found.head) == (5, 1, Entry.objects.get(position=5).hash)


def test_an_empty_trail_holds(db):
    assert queries.verify().holds


@pytest.mark.parametrize(
    "values",
    [
        {"details": {"number": 99}},
        {"at": datetime(2023, 7, 15, tzinfo=UTC)},
        {"by_id": 8},
        {"by_name": "Ai đó"},
        {"action": "report.return"},
        {"object_type": "plan"},
        {"object_id": "x"},
    ],
    ids=lambda values: next(iter(values)),
)
def test_a_changed_entry_is_named(five, values):
    """Whatever was changed in an entry, it is that one which is named, and only the first."""
    broken(**{f"e{five[2].pk}": values, f"e{five[4].pk}": {"by_id": 99}})

    fault = queries.verify().fault
    assert fault is not None
    assert (fault.entry_id, fault.position) == (five[2].pk, 3)
    assert "content" in fault.what


def test_a_deleted_entry_is_noticed(five):
    broken(**{f"e{five[2].pk}": None})

    fault = queries.verify().fault
    assert fault is not None
    assert (fault.entry_id, fault.position) == (None, 3)
    assert "gone" in fault.what


def test_a_deleted_tail_is_noticed(five):
    broken(**{f"e{five[3].pk}": None, f"e{five[4].pk}": None})

    fault = queries.verify().fault
    assert fault is not None
    assert fault.position == 4
    assert "2 entries" in fault.what


def test_an_entry_hashed_anew_is_noticed_by_the_next(five):
    """Who changes an entry and its hash must change every later one, and the head."""
    entry = Entry.objects.get(position=3)
    entry.details = {"number": 99}
    new_hash = chain.digest(entry, position=3, previous_hash=entry.previous_hash or "")
    broken(**{f"e{entry.pk}": {"details": entry.details, "hash": new_hash}})

    fault = queries.verify().fault
    assert fault is not None
    assert (fault.entry_id, fault.position) == (five[3].pk, 4)


def test_a_head_set_back_is_noticed(five):
    ChainHead.objects.update(position=4, hash=Entry.objects.get(position=4).hash)

    fault = queries.verify().fault
    assert fault is not None
    assert (fault.entry_id, fault.position) == (five[4].pk, 5)


def test_missing_triggers_are_noticed(five):
    triggers.drop(connection, triggers.CHANGE)

    found = queries.verify()
    assert not found.holds
    assert found.missing_triggers == [triggers.CHANGE]


# -- the command -----------------------------------------------------------------------------------------------------
def run(*words):
    out = StringIO()
    try:
        call_command("audit", *words, stdout=out)
    except SystemExit as stop:
        return stop.code, out.getvalue()
    return 0, out.getvalue()


def test_the_command_says_that_the_chain_holds(five):
    code, text = run("verify")

    assert code == 0
    assert "The chain holds: 5 entries" in text


def test_the_command_names_the_first_broken_entry_and_ends_with_1(five):
    broken(**{f"e{five[1].pk}": {"by_id": 8}})
    code, text = run("verify")

    assert code == 1
    assert f"BROKEN at position 2, entry {five[1].pk}" in text


def test_the_command_links_what_is_pending(db):
    record()

    assert run("link") == (0, "1 entries linked.\n")
    assert run("link") == (0, "0 entries linked.\n")


def test_the_command_that_cannot_link_says_what_to_run_and_ends_with_1(five):
    record(6)
    ChainHead.objects.update(hash="f" * 64)

    with pytest.raises(CommandError, match="audit verify") as fault:
        run("link")

    assert fault.value.returncode == 1
