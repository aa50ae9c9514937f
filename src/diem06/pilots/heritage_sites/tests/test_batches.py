"""Events that are carried out together come to the same as one after another, and cost few statements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from diem06.core.places.models import Place
from diem06.core.roster.desk import Bearer, DeskEvent, Outcome, Source
from diem06.pilots.heritage_sites.actions.visits import carry_out_many
from diem06.pilots.heritage_sites.models import (
    AlarmChange,
    ClosedBy,
    HandCount,
    HourTally,
    LoneExit,
    Occupancy,
    Recount,
    Rescan,
    Visit,
)
from diem06.pilots.heritage_sites.queries.spots import spot_of
from diem06.pilots.heritage_sites.tests.gates import JOHN, LAN, MINH, NOON, Gates, desk_event, minutes

ARRIVES = NOON + minutes(690)  # shortly before midnight
ACTS = ("enter", "leave", "group", "child", "count_in", "count_out", "recount", "annul")
GATES = 3
TABLES: tuple[type[models.Model], ...] = (
    Visit,
    LoneExit,
    Rescan,
    HandCount,
    Recount,
    Occupancy,
    HourTally,
    AlarmChange,
)


@dataclass(frozen=True)
class Done:
    """Something done at a gate (0, 1: of one site; 2: of another) in a minute; `annuls` is which event before it, counted back."""

    act: str
    who: Bearer
    minute: int
    gate: int
    count: int
    annuls: int


done = st.builds(
    Done,
    act=st.sampled_from(ACTS),
    who=st.sampled_from([LAN, MINH, JOHN]),
    minute=st.integers(0, 30) | st.integers(-1600, 710),  # some yesterday, some by a clock that is wrong
    gate=st.sampled_from([0, 0, 0, 1, 1, 2]),
    count=st.integers(1, 60),
    annuls=st.integers(1, 4),
)


def as_events(story: list[Done], gates: list[Place]) -> list[DeskEvent]:
    """Write a story as the events of devices; all arrive in one moment."""
    events: list[DeskEvent] = []
    for number, one in enumerate(story):
        annulled = events[-one.annuls] if one.act == "annul" and len(events) >= one.annuls else None
        knows_who = one.act in {"enter", "leave", "group"}
        events.append(
            desk_event(
                annulled.act if annulled else "enter" if one.act == "annul" else one.act,
                one.who if knows_who or (one.act == "annul" and not annulled) else None,
                gates[one.gate],
                at=NOON + minutes(one.minute),
                arrives=ARRIVES,
                count=1 if one.act in {"enter", "leave"} else one.count,
                annuls=annulled.id if annulled else None,
                event=UUID(int=number + 1),
            )
        )
    return events


def cut(events: list[DeskEvent], lengths: list[int]) -> Iterator[list[DeskEvent]]:
    """Part events into batches: where the gate changes, and as `lengths` say, over and over."""
    turn = 0
    for _gate, run in groupby(events, key=lambda event: event.place.pk):
        left = list(run)
        while left:
            length = lengths[turn % len(lengths)]
            yield left[:length]
            left, turn = left[length:], turn + 1


def carried_out(batches: list[list[DeskEvent]]) -> tuple[list[Any], dict[str, list[Any]]]:
    """Carry out batches, undo it, and return what was answered and which rows it left, without the keys that the database gave."""
    with transaction.atomic():
        outcomes = [outcome for batch in batches for outcome in carry_out_many(batch)]
        left = {model.__name__: _rows(model) for model in TABLES}
        answers = [(one.state, one.code, _told(one)) for one in outcomes]
        transaction.set_rollback(True)
    return answers, left


def _rows(model: type[models.Model]) -> list[Any]:
    hidden = {"id", "visit_id", "sealed"}
    names = [field.attname for field in model._meta.concrete_fields if field.attname not in hidden]
    if model in {LoneExit, Rescan}:
        names.append("visit__event_id")
    return list(model._default_manager.order_by("pk").values_list(*names))


def _told(outcome: Outcome) -> Any:
    """Return the event of the record to which an answer leads."""
    if not outcome.record:
        return ""
    name, key = outcome.record.split(":")
    of = {"heritage_visit": Visit, "heritage_lone_exit": LoneExit, "heritage_hand_count": HandCount}
    return name, of.get(name, Recount)._default_manager.get(pk=key).event_id


LAN_IN = Done("enter", LAN, 0, 0, 1, 1)
LAN_OUT = Done("leave", LAN, 5, 0, 1, 1)
TAKEN_BACK = Done("annul", LAN, 6, 0, 1, 1)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=st.lists(done, min_size=2, max_size=14), lengths=st.lists(st.integers(1, 14), min_size=1, max_size=3))
@example(story=[LAN_IN, LAN_OUT, LAN_IN], lengths=[3])  # late, in one batch: the exit is known before the second entry
@example(story=[LAN_OUT, LAN_IN, LAN_IN], lengths=[3])  # an exit that waits is claimed by an entry of its batch, once
@example(story=[LAN_IN, LAN_OUT, TAKEN_BACK, LAN_OUT], lengths=[4])
@example(story=[Done("enter", LAN, 0, 2, 1, 1), LAN_IN, LAN_OUT], lengths=[3])  # from one site to another
@example(story=[Done("count_in", LAN, 9, 0, count, 1) for count in (70, 20, 20)], lengths=[3])  # an alarm that rises
def test_batches_of_any_cut_leave_what_single_events_leave(db: None, story: list[Done], lengths: list[int]) -> None:
    with transaction.atomic():
        here, elsewhere = Gates("tay-yen-tu"), Gates("chua-bo-da")
        events = as_events(story, [here.a, here.b, elsewhere.a])
        # Somebody is inside already, and yesterday's visits are there.
        for who, hours in ((JOHN, 30), (MINH, 2)):
            here.do("enter", who, at=NOON - timedelta(hours=hours))
        assert carried_out([[event] for event in events]) == carried_out(list(cut(events, lengths)))
        transaction.set_rollback(True)


# -- cost ------------------------------------------------------------------------------------------------------------
def people(count: int) -> list[Bearer]:
    return [
        Bearer(number=f"0240900{number:05d}", source=Source.CARD_QR, name="Trần Thị Mẫu") for number in range(count)
    ]


def statements(events: list[DeskEvent]) -> int:
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        carry_out_many(events)
    return len(asked)


@pytest.mark.parametrize("delay", [0, 60])
def test_fifty_events_cost_no_more_statements_than_ten(db: None, delay: int) -> None:
    """People who come in, people who go, exits without an entry, and counts by hand; sent at once, and from a queue."""
    gates = Gates(capacity=10_000)
    place = Place.objects.get(pk=gates.a.pk)
    spot_of(place)  # as a device's place is once its first scan was taken
    inside, others = people(60)[:30], people(200)[60:]
    for who in inside:
        gates.do("enter", who, at=NOON - minutes(30))

    def batch(first: int, size: int) -> list[DeskEvent]:
        events = []
        for number in range(first, first + size):
            act = ("enter", "leave", "enter", "count_in", "leave")[number % 5]
            who = others[number] if number % 5 != 1 else inside[number // 5]
            one = desk_event(act, None if act == "count_in" else who, gates.a, at=NOON, arrives=NOON + minutes(delay))
            events.append(replace(one, place=place))
        return events

    few, many = statements(batch(0, 10)), statements(batch(20, 50))
    # The counts, the visits, exits that wait; then visits that end and begin, exits, hand counts, counts of the place, of the hour.
    assert few == many == (9 if delay else 8)
    assert Visit.objects.filter(closed_by=ClosedBy.EXIT).count() == 12
    assert LoneExit.objects.count() == 12
