"""Facts about the keys that sign closings: how one takes over from another, and what is left when that is cut off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction

from diem06.core.audit.models import Entry
from diem06.cube.closing import actions, keys
from diem06.cube.closing.actions import ClockError, rotate_key
from diem06.cube.closing.keys import KeyOfAnotherKindError, signing_key, signing_key_of
from diem06.cube.closing.links import KeyLink, key_of_seal
from diem06.cube.closing.public import public_key
from diem06.cube.closing.queries import faults_of_keys, signers
from diem06.cube.models import SealKey

pytestmark = pytest.mark.django_db
AT = datetime(2023, 8, 1, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def data(settings: Any, tmp_path: Path) -> Path:
    settings.DIEM06_DATA = tmp_path
    return tmp_path


def test_a_new_key_takes_over_and_the_old_one_stays_for_what_it_sealed(data: Path) -> None:
    """The link is signed by both; the trail tells; both keys are readable by their owner alone."""
    first = public_key(signing_key())
    row = rotate_key(at=AT, by=None)
    assert (row.number, row.previous, row.public_key) == (2, first, public_key(signing_key()))
    assert row.public_key != first
    assert public_key(signing_key_of(first)) == first
    third = rotate_key(at=AT + timedelta(days=1), by=None)
    assert (third.number, third.previous) == (3, row.public_key)
    assert list(faults_of_keys()) == []
    assert [(one.number, one.since) for one in signers()] == [(1, None), (2, AT), (3, AT + timedelta(days=1))]
    entry = Entry.objects.filter(action="seal_key.rotate").order_by("pk")[0]
    assert (entry.object_id, entry.details["public_key"]) == ("2", row.public_key)
    assert {file.stat().st_mode & 0o777 for file in data.glob(keys.FILES)} == {0o600}
    assert len(list(data.glob(keys.FILES))) == 3


def test_a_rotation_that_is_cut_off_leaves_the_old_key_and_the_next_one_takes_what_it_left(
    data: Path, monkeypatch: Any
) -> None:
    first = public_key(signing_key())
    with monkeypatch.context() as patch:
        patch.setattr(actions, "record", cut_off)
        with pytest.raises(OSError, match="cut off"):
            rotate_key(at=AT, by=None)
    assert (public_key(signing_key()), SealKey.objects.count()) == (first, 0)
    left = (data / "seal-key-2.pem").read_bytes()
    rotate_key(at=AT, by=None)
    assert (data / "seal-key-2.pem").read_bytes() == left
    assert public_key(signing_key()) != first


def cut_off(**_details: Any) -> None:
    raise OSError("cut off")


def test_a_key_does_not_change_before_it_was_used(data: Path) -> None:
    rotate_key(at=AT, by=None)
    with pytest.raises(ClockError):
        rotate_key(at=AT, by=None)


def test_a_key_whose_file_is_gone_or_another_one_is_said_to_be_in_a_backup(data: Path) -> None:
    """No new one is made in its place."""
    rotate_key(at=AT, by=None)
    keys._key.cache_clear()
    (data / "seal-key-2.pem").write_bytes((data / "seal-key.pem").read_bytes())
    with pytest.raises(KeyOfAnotherKindError, match="backup"):
        signing_key()
    (data / "seal-key-2.pem").unlink()
    with pytest.raises(KeyOfAnotherKindError, match="backup"):
        signing_key()


def test_a_link_is_guarded_and_a_changed_one_is_named() -> None:
    from django.db import connection

    from diem06.cube.closing import triggers

    row = rotate_key(at=AT, by=None)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        SealKey.objects.update(last_seals="a/1/b")
    triggers.drop(connection)
    SealKey.objects.update(last_seals=f"a/1/{'0' * 64}")
    assert list(faults_of_keys()) == [
        "the link to key 2 is not signed by both keys",
        "the link to key 2 names a seal that is not here",
    ]
    SealKey.objects.update(last_seals=row.last_seals)
    triggers.create(connection)
    assert list(faults_of_keys()) == []


def test_which_key_signs_which_seal() -> None:
    """By number of the plan's seals, whatever a clock said: a key that took over twice between two seals signed none."""
    links = [
        KeyLink(number=place, public_key=new, previous=old, since=AT, last_seals=last)
        for place, old, new, last in [
            (2, "a", "b", "x/3/h"),
            (3, "b", "c", "x/3/h y/1/h"),
            (4, "c", "d", "x/5/h y/1/h"),
        ]
    ]
    assert [key_of_seal(links, "x", number) for number in (1, 3, 4, 5, 6)] == ["a", "a", "c", "c", "d"]
    assert [key_of_seal(links, "y", number) for number in (1, 2)] == ["b", "d"]
    assert key_of_seal([], "x", 1) is None


def test_the_command_shows_keys_and_changes_them(settings: Any) -> None:
    """The key in words and as PEM, since when, what it signed; another word is refused by a sentence."""
    settings.DIEM06_CLOCK = lambda: AT
    out = StringIO()
    call_command("seal", "key", stdout=out)
    first = public_key(signing_key())
    assert f"  1 {first} the first; signed nothing yet" in out.getvalue()
    call_command("seal", "key", "rotate", stdout=out)
    assert f"  2 {public_key(signing_key())} since 01/08/2023 09:00; signed nothing yet" in out.getvalue()
    assert "Key 2 signs from now on; key 1 signed it" in out.getvalue()
    with pytest.raises(SystemExit) as ended:
        call_command("seal", "key", "2023-07", stderr=out)
    assert (ended.value.code, "`seal key rotate` takes a new one" in out.getvalue()) == (2, True)
