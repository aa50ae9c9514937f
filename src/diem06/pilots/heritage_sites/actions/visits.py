"""
What is done at a gate. `carry_out_many` runs inside the desk's transaction, which also holds the entries of the trail for its events.

Events come late and out of order: from a device without network, an exit may arrive before its entry, and an entry of yesterday after
the day was begun anew. Each is put where it belongs by the time at which it happened; none is refused for being late.

Events of ordinary acts are judged one after another on rows in memory (`unit_of_work`). A recount, and taking back, are rare and read and
write for themselves: each is a run of its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localtime

from diem06.core.audit.actions import record
from diem06.core.places.models import Place
from diem06.core.residents.sealing import digest, seal
from diem06.core.roster.desk import Bearer, DeskEvent, Outcome, State
from diem06.pilots.heritage_sites.actions.counting import Held, hold, leave_behind, see_to_alarm
from diem06.pilots.heritage_sites.actions.unit_of_work import UnitOfWork, visits_of
from diem06.pilots.heritage_sites.models import (
    ClosedBy,
    HandCount,
    How,
    LoneExit,
    Occupancy,
    Recount,
    Rescan,
    Visit,
)
from diem06.pilots.heritage_sites.models.visits import OPEN
from diem06.pilots.heritage_sites.queries.spots import Spot, spot_of
from diem06.pilots.heritage_sites.visit_rules import AT_ONCE, CLOCK_AHEAD, ONE_DAY, ONLINE, taken_as

LEAVE, RECOUNT = "leave", "recount"


@dataclass(frozen=True, kw_only=True)
class _Scene:
    """
    An event with what is needed to judge it. `at`: the time at which it is taken to have happened; `who`: the digest of who showed a
    document, empty where nobody did.
    """

    event: DeskEvent
    work: UnitOfWork
    at: datetime
    is_in_doubt: bool
    who: str

    @property
    def held(self) -> Held:
        return self.work.held

    @property
    def spot(self) -> Spot:
        return self.held.spot

    @property
    def site(self) -> Place:
        return self.held.spot.site

    @property
    def now(self) -> datetime:
        return self.event.received_at

    @property
    def is_of_an_earlier_day(self) -> bool:
        """Did it happen before the day of the site began that runs now? Then it tells nothing of who is inside."""
        return self.at < self.held.site.began_at

    @property
    def was_sent_at_once(self) -> bool:
        """Then nothing that happened after it can be known yet."""
        return self.now - self.at <= ONLINE

    def accepted(self, made: _Record, code: str = "") -> _Answer:
        if self.is_in_doubt:
            return _Answer(state=State.CONFLICT, code="clock_wrong", made=made)
        return _Answer(state=State.ACCEPTED, code=code, made=made)


_Record = Visit | LoneExit | HandCount | Recount


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """What became of an event, while what it `made` may have no key yet."""

    state: State
    code: str = ""
    made: _Record | None = None

    def as_outcome(self) -> Outcome:
        record = f"{_NAMES[type(self.made)]}:{self.made.pk}" if self.made is not None else ""
        return Outcome(state=self.state, code=self.code, record=record)


_NAMES: dict[type, str] = {
    Visit: "heritage_visit",
    LoneExit: "heritage_lone_exit",
    HandCount: "heritage_hand_count",
    Recount: "heritage_recount",
}


def carry_out_many(events: Sequence[DeskEvent]) -> list[Outcome]:
    """
    Do what events of a desk say, one after another, in the caller's transaction, and say what became of each.

    Codes: the words of `desk.SERVICE`. Raises KeyError for an act that the service does not have; the desk asks first.
    """
    return [answer.as_outcome() for run in _runs(events) for answer in _carry_out(run)]


def _runs(events: Sequence[DeskEvent]) -> Iterator[list[DeskEvent]]:
    """Part events where one reads and writes for itself."""
    run: list[DeskEvent] = []
    for event in events:
        if event.annuls is not None or event.act == RECOUNT:
            if run:
                yield run
            yield [event]
            run = []
        else:
            run.append(event)
    if run:
        yield run


def _carry_out(run: Sequence[DeskEvent]) -> list[_Answer]:
    now = run[0].received_at
    work = UnitOfWork(held=hold(spot_of(run[0].place), at=now), now=now)
    scenes = [_scene(event, work) for event in run]
    known = [scene for scene in scenes if scene.who]
    if known:
        people = {scene.who for scene in known}
        work.read_visits(people, since=min(scene.at for scene in known) - ONE_DAY)
    if late := [scene for scene in known if scene.event.act != LEAVE and not scene.was_sent_at_once]:
        times = [scene.at for scene in late]
        work.read_exits({scene.who for scene in late}, since=min(times), until=max(times) + ONE_DAY)
    answers = [_judge(scene) for scene in scenes]
    work.write()
    return answers


def _judge(scene: _Scene) -> _Answer:
    if scene.event.annuls is not None:
        return _annul(scene, scene.event.annuls)
    return _ACTS[scene.event.act](scene)


def _scene(event: DeskEvent, work: UnitOfWork) -> _Scene:
    at, is_in_doubt = taken_as(event.occurred_at, event.received_at)
    who = digest(event.bearer.number) if event.bearer is not None and event.annuls is None else ""
    return _Scene(event=event, work=work, at=at, is_in_doubt=is_in_doubt, who=who)


# -- in --------------------------------------------------------------------------------------------------------------
def _enter(scene: _Scene) -> _Answer:
    bearer = scene.event.bearer
    if bearer is None:
        return _hand_count(scene, is_in=True)
    still_inside = [visit for visit in scene.work.visits[scene.who] if visit.closed_by == OPEN]
    here = next((visit for visit in still_inside if visit.site_id == scene.site.pk), None)
    exit_ = _exit_that_came_first(scene, before=here.entered_at if here else None)
    if exit_ is not None:
        return scene.accepted(_add_visit(scene, bearer, exit_=exit_), "left_since")
    if here is not None:
        return _rescan(scene, here)
    closed_by = _where_it_ended(scene, still_inside)
    visit = _add_visit(scene, bearer, closed_by=closed_by)
    return scene.accepted(visit, "earlier_day" if closed_by == ClosedBy.RESET else "")


def _exit_that_came_first(scene: _Scene, *, before: datetime | None) -> LoneExit | None:
    """Return the exit that belongs to this entry and arrived before it. One that was sent at once can have none."""
    if scene.was_sent_at_once:
        return None
    until = min(before or scene.at + ONE_DAY, scene.at + ONE_DAY)
    return next((exit_ for exit_ in scene.work.exits[scene.who] if scene.at <= exit_.at <= until), None)


def _where_it_ended(scene: _Scene, still_inside: list[Visit]) -> ClosedBy | None:
    """Close what the person has open elsewhere, and return how the new visit is closed already; None: it is open."""
    since = [visit for visit in still_inside if visit.entered_at > scene.at]
    for visit in still_inside:
        if visit not in since:
            # Of another site, whose counts are not those of this run: read and written at once.
            leave_behind(
                site=visit.site,
                visits=Visit.objects.filter(pk=visit.pk),
                closed_by=ClosedBy.ELSEWHERE,
                at=scene.now,
            )
            visit.closed_by = ClosedBy.ELSEWHERE
    if scene.is_of_an_earlier_day:
        return ClosedBy.RESET
    return ClosedBy.ELSEWHERE if since else None


def _add_visit(
    scene: _Scene, bearer: Bearer, *, closed_by: ClosedBy | None = None, exit_: LoneExit | None = None
) -> Visit:
    event, spot, local = scene.event, scene.spot, localtime(scene.at)
    visit = Visit(
        event_id=event.id,
        site=spot.site,
        point=spot.point,
        gate=spot.gate,
        entered_at=scene.at,
        day=local.date(),
        hour=local.hour,
        recorded_at=scene.now,
        seen_at=scene.at,
        how=How.GROUP if event.count > 1 else How(bearer.source.value),
        people=event.count,
        birth_year=bearer.birth.year if bearer.birth else bearer.birth_year,
        sex=bearer.sex,
        birth_province=bearer.birth_province,
        nationality=bearer.nationality,
        device_code=event.device_code,
        digest=scene.who,
    )
    visit.sealed = seal(json.dumps({"name": bearer.name, "number": bearer.number}), context=visit.seal_context)
    if exit_ is not None:
        visit.closed_by, visit.closed_at = ClosedBy.EXIT, scene.now
        visit.left_at, visit.exit_event_id, visit.exit_gate_id = exit_.at, exit_.event_id, exit_.gate_id
        scene.work.claim(exit_, visit)
    elif closed_by is not None:
        visit.closed_by, visit.closed_at = closed_by, scene.now
    scene.work.add(visit)
    if visit.closed_by == OPEN:
        scene.work.shift(places=spot.ids, identified=1, counted=event.count - 1)
    scene.work.tally(spot, at=scene.at, scanned_in=1, counted_in=event.count - 1)
    return visit


def _rescan(scene: _Scene, visit: Visit) -> _Answer:
    """Somebody who is inside scans in again: the visit goes on from here. At two gates at once it wants a look."""
    is_elsewhere = scene.spot.gate.pk != visit.gate_id
    is_conflict = is_elsewhere and abs(scene.at - visit.seen_at) <= AT_ONCE
    scene.work.add(
        Rescan(event_id=scene.event.id, visit=visit, gate=scene.spot.gate, at=scene.at, is_conflict=is_conflict)
    )
    if scene.at > visit.seen_at:
        visit.seen_at = scene.at
        scene.work.changed(visit)
    if is_conflict:
        return _Answer(state=State.CONFLICT, code="at_two_gates", made=visit)
    return scene.accepted(visit, "inside_already")


# -- out -------------------------------------------------------------------------------------------------------------
def _leave(scene: _Scene) -> _Answer:
    if not scene.who:
        return _hand_count(scene, is_in=False)
    visit = _visit_that_ends(scene)
    if visit is None:
        return _lone_exit(scene, "no_entry")
    if visit.closed_by == ClosedBy.EXIT:
        assert visit.left_at is not None
        if abs(scene.at - visit.left_at) <= AT_ONCE:
            return _Answer(state=State.CONFLICT, code="left_already", made=visit)
        return _lone_exit(scene, "no_entry")
    was_open = visit.closed_by == OPEN
    visit.closed_by, visit.closed_at = ClosedBy.EXIT, scene.now
    visit.left_at = max(scene.at, visit.entered_at)
    visit.exit_event_id, visit.exit_gate_id = scene.event.id, scene.spot.gate.pk
    scene.work.changed(visit)
    if was_open:
        _shift_visit(scene, visit, sign=-1)
    scene.work.tally(scene.spot, at=scene.at, scanned_out=1, counted_out=visit.people - 1)
    return scene.accepted(visit, "" if was_open else "left_after_closing")


def _visit_that_ends(scene: _Scene) -> Visit | None:
    """Return the last visit that began before this exit: one that is open, or else of the day before it."""
    visits = [
        visit
        for visit in scene.work.visits[scene.who]
        if visit.site_id == scene.site.pk
        # The clocks of two gates differ a little: an exit may seem to lie just before its entry.
        and visit.entered_at <= scene.at + CLOCK_AHEAD
        and (visit.closed_by == OPEN or scene.at - visit.entered_at <= ONE_DAY)
    ]
    return max(reversed(visits), key=lambda visit: visit.entered_at, default=None)


def _lone_exit(scene: _Scene, code: str) -> _Answer:
    """Keep an exit without an entry. It is counted as an exit, and takes nobody out: the count never goes below what came in."""
    lone = LoneExit(
        event_id=scene.event.id,
        site=scene.site,
        gate=scene.spot.gate,
        at=scene.at,
        people=scene.event.count,
        digest=scene.who,
    )
    scene.work.add(lone)
    scene.work.tally(scene.spot, at=scene.at, scanned_out=1, counted_out=scene.event.count - 1)
    return _Answer(state=State.CONFLICT, code=code, made=lone)


def _shift_visit(scene: _Scene, visit: Visit, *, sign: int) -> None:
    """Let the people of a visit be inside, or no more, where they came in."""
    places = {place for place in (visit.site_id, visit.point_id, visit.gate_id) if place is not None}
    scene.work.shift(places=places, identified=sign, counted=sign * (visit.people - 1))


# -- by hand ---------------------------------------------------------------------------------------------------------
def _hand_count(scene: _Scene, *, is_in: bool, is_child: bool = False) -> _Answer:
    event, spot, local = scene.event, scene.spot, localtime(scene.at)
    counts_inside = scene.at >= scene.held.site.counted_since
    counted = HandCount(
        event_id=event.id,
        site=spot.site,
        point=spot.point,
        gate=spot.gate,
        at=scene.at,
        day=local.date(),
        hour=local.hour,
        is_in=is_in,
        is_child=is_child,
        people=event.count,
        was_counted_inside=counts_inside,
        device_code=event.device_code,
    )
    scene.work.add(counted)
    if counts_inside:
        scene.work.shift(places=spot.ids, counted=event.count if is_in else -event.count)
    scene.work.tally(spot, at=scene.at, **{"counted_in" if is_in else "counted_out": event.count})
    return scene.accepted(counted, "earlier_day" if scene.is_of_an_earlier_day else "")


def _recount_at_desk(scene: _Scene) -> _Answer:
    """Take the count of the operator for the site; one of an earlier day, or from before a later recount, changes nothing now."""
    event = scene.event
    is_settled = scene.at < scene.held.site.counted_since
    row = _recount(
        scene.held.site,
        people=event.count,
        at=scene.at,
        now=scene.now,
        changes_nothing=is_settled,
        event_id=event.id,
        reason=event.reason,
        device_code=event.device_code,
    )
    return scene.accepted(row, "recount_too_late" if is_settled else "")


@transaction.atomic
def recount(*, site: Place, people: int, reason: str, at: datetime, by: int) -> Recount:
    """Take it that `people` are inside a site now, counted or estimated by `by`."""
    held = hold(Spot(site=site, point=None, gate=site), at=at)
    row = _recount(held.site, people=people, at=at, now=at, by=by, reason=reason)
    details = {"people": people, "found": row.found, "reason": reason}
    record(
        by=by, action="heritage_site.recount", object_type="heritage_site", object_id=site.code, details=details, at=at
    )
    return row


def _recount(
    own: Occupancy,
    *,
    people: int,
    at: datetime,
    now: datetime,
    changes_nothing: bool = False,
    by: int | None = None,
    event_id: UUID | None = None,
    reason: str = "",
    device_code: str = "",
) -> Recount:
    found = own.inside
    corrected = people - own.identified - own.counted
    row = Recount.objects.create(
        event_id=event_id,
        site_id=own.site_id,
        at=at,
        people=people,
        found=found,
        correction=0 if changes_nothing else corrected - own.corrected,
        reason=reason,
        device_code=device_code,
        by_id=by,
    )
    if not changes_nothing:
        own.corrected, own.presumed_gone = corrected, 0
        Occupancy.objects.filter(pk=own.pk).update(
            corrected=corrected, presumed_gone=0, counted_since=at, changed_at=now
        )
        see_to_alarm(own, at=now)
    return row


# -- taking back -----------------------------------------------------------------------------------------------------
def _annul(scene: _Scene, event: UUID) -> _Answer:
    """Take back what an earlier event of this site did. The event itself stays; what it counted is counted back."""
    for take_back in (_annul_entry, _annul_exit, _annul_hand_count, _annul_rescan, _annul_recount):
        if (answer := take_back(scene, event)) is not None:
            return answer
    return _Answer(state=State.REJECTED, code="nothing_to_annul")


def _annul_entry(scene: _Scene, event: UUID) -> _Answer | None:
    visit = Visit.objects.standing().filter(event_id=event, site=scene.site).first()
    if visit is None:
        return None
    if visit.closed_by == OPEN:
        _shift_visit(scene, visit, sign=-1)
    Visit.objects.filter(pk=visit.pk).update(closed_by=ClosedBy.ANNULLED, closed_at=scene.now, left_at=None)
    came_in = Spot(site=scene.site, point=visit.point, gate=visit.gate)
    scene.work.tally(came_in, at=visit.entered_at, scanned_in=-1, counted_in=1 - visit.people)
    return scene.accepted(visit, "annulled")


def _annul_exit(scene: _Scene, event: UUID) -> _Answer | None:
    """Take an exit back: the person is inside again, unless a later entry or a new day says otherwise."""
    lone = LoneExit.objects.filter(event_id=event, site=scene.site, annulled_at=None).first()
    visit = Visit.objects.filter(exit_event_id=event, site=scene.site, closed_by=ClosedBy.EXIT).first()
    made = visit or lone
    if made is None:
        return None
    people, gate, at = 1, scene.spot.gate, scene.at
    if visit is not None:
        assert visit.exit_gate is not None
        assert visit.left_at is not None
        people, gate, at = visit.people, visit.exit_gate, visit.left_at
        since_then = visits_of([visit.digest], site=visit.site_id, since=visit.entered_at) if visit.digest else []
        came_again = any(other.closed_by == OPEN for other in since_then)
        is_over = visit.entered_at < scene.held.site.began_at
        closed_by = ClosedBy.RESET if is_over else ClosedBy.ELSEWHERE if came_again else None
        Visit.objects.filter(pk=visit.pk).update(
            closed_by=closed_by or OPEN,
            closed_at=scene.now if closed_by else None,
            left_at=None,
            exit_event_id=None,
            exit_gate=None,
        )
        if closed_by is None:
            _shift_visit(scene, visit, sign=1)
    if lone is not None:
        LoneExit.objects.filter(pk=lone.pk).update(annulled_at=scene.now, visit=None)
        people, gate, at = lone.people, lone.gate, lone.at
    scene.work.tally(spot_of(gate), at=at, scanned_out=-1, counted_out=1 - people)
    return scene.accepted(made, "annulled")


def _annul_hand_count(scene: _Scene, event: UUID) -> _Answer | None:
    counted = HandCount.objects.filter(event_id=event, site=scene.site, annulled_at=None).first()
    if counted is None:
        return None
    HandCount.objects.filter(pk=counted.pk).update(annulled_at=scene.now)
    where = Spot(site=scene.site, point=counted.point, gate=counted.gate)
    if counted.was_counted_inside and counted.at >= scene.held.site.counted_since:
        people = -counted.people if counted.is_in else counted.people
        scene.work.shift(places=where.ids, counted=people)
    scene.work.tally(where, at=counted.at, **{"counted_in" if counted.is_in else "counted_out": -counted.people})
    return scene.accepted(counted, "annulled")


def _annul_rescan(scene: _Scene, event: UUID) -> _Answer | None:
    rescan = (
        Rescan.objects.select_related("visit").filter(event_id=event, visit__site=scene.site, annulled_at=None).first()
    )
    if rescan is None:
        return None
    Rescan.objects.filter(pk=rescan.pk).update(annulled_at=scene.now)
    return scene.accepted(rescan.visit, "annulled")


def _annul_recount(scene: _Scene, event: UUID) -> _Answer | None:
    row = Recount.objects.filter(event_id=event, site=scene.site, annulled_at=None).first()
    if row is None:
        return None
    Recount.objects.filter(pk=row.pk).update(annulled_at=scene.now)
    own = scene.held.site
    if row.at >= own.began_at:
        own.corrected -= row.correction
        Occupancy.objects.filter(pk=own.pk).update(corrected=own.corrected, changed_at=scene.now)
        see_to_alarm(own, at=scene.now)
    return scene.accepted(row, "annulled")


_ACTS: dict[str, Callable[[_Scene], _Answer]] = {
    "enter": _enter,
    "group": _enter,
    "child": lambda scene: _hand_count(scene, is_in=True, is_child=True),
    LEAVE: _leave,
    "count_in": lambda scene: _hand_count(scene, is_in=True),
    "count_out": lambda scene: _hand_count(scene, is_in=False),
    RECOUNT: _recount_at_desk,
}
