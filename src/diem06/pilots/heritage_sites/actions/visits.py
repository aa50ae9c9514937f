"""
What is done at a gate. `carry_out` runs inside the desk's transaction, which also holds the entry of the trail for the event.

Events come late and out of order: from a device without network, an exit may arrive before its entry, and an entry of yesterday after
the day was begun anew. Each is put where it belongs by the time at which it happened; none is refused for being late.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localtime

from diem06.core.audit.actions import record
from diem06.core.places.models import Place
from diem06.core.residents.sealing import digest, seal
from diem06.core.roster.desk import Bearer, DeskEvent, Outcome, State
from diem06.pilots.heritage_sites.actions.counting import Held, hold, leave_behind, see_to_alarm, shift, tally
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


@dataclass(frozen=True, kw_only=True)
class _Scene:
    """An event with what is needed to judge it. `at`: the time at which it is taken to have happened."""

    event: DeskEvent
    held: Held
    at: datetime
    is_in_doubt: bool

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

    def accepted(self, record: str, code: str = "") -> Outcome:
        if self.is_in_doubt:
            return Outcome(state=State.CONFLICT, code="clock_wrong", record=record)
        return Outcome(state=State.ACCEPTED, code=code, record=record)


def carry_out(event: DeskEvent) -> Outcome:
    """
    Do what an event of a desk says, in the caller's transaction, and say what became of it.

    Codes: the words of `desk.SERVICE`. Raises KeyError for an act that the service does not have; the desk asks first.
    """
    at, is_in_doubt = taken_as(event.occurred_at, event.received_at)
    held = hold(spot_of(event.place), at=event.received_at)
    scene = _Scene(event=event, held=held, at=at, is_in_doubt=is_in_doubt)
    if event.annuls is not None:
        return _annul(scene, event.annuls)
    return _ACTS[event.act](scene)


# -- in --------------------------------------------------------------------------------------------------------------
def _enter(scene: _Scene) -> Outcome:
    bearer = scene.event.bearer
    if bearer is None:
        return _hand_count(scene, is_in=True)
    who = digest(bearer.number)
    still_inside = list(Visit.objects.open().filter(digest=who))
    here = next((visit for visit in still_inside if visit.site_id == scene.site.pk), None)
    exit_ = _exit_that_came_first(scene, who, before=here.entered_at if here else None)
    if exit_ is not None:
        return scene.accepted(_key(_add_visit(scene, bearer, who, exit_=exit_)), "left_since")
    if here is not None:
        return _rescan(scene, here)
    closed_by = _where_it_ended(scene, still_inside)
    visit = _add_visit(scene, bearer, who, closed_by=closed_by)
    return scene.accepted(_key(visit), "earlier_day" if closed_by == ClosedBy.RESET else "")


def _exit_that_came_first(scene: _Scene, who: str, *, before: datetime | None) -> LoneExit | None:
    """Return the exit that belongs to this entry and arrived before it. One that was sent at once can have none."""
    if scene.now - scene.at <= ONLINE:
        return None
    waiting = LoneExit.objects.filter(digest=who, site=scene.site, visit=None, annulled_at=None)
    until = min(before or scene.at + ONE_DAY, scene.at + ONE_DAY)
    return waiting.filter(at__gte=scene.at, at__lte=until).order_by("at").first()


def _where_it_ended(scene: _Scene, still_inside: list[Visit]) -> ClosedBy | None:
    """Close what the person has open elsewhere, and return how the new visit is closed already; None: it is open."""
    since = [visit for visit in still_inside if visit.entered_at > scene.at]
    for visit in still_inside:
        if visit not in since:
            leave_behind(
                site=visit.site,
                visits=Visit.objects.filter(pk=visit.pk),
                closed_by=ClosedBy.ELSEWHERE,
                at=scene.now,
            )
    if scene.is_of_an_earlier_day:
        return ClosedBy.RESET
    return ClosedBy.ELSEWHERE if since else None


def _add_visit(
    scene: _Scene, bearer: Bearer, who: str, *, closed_by: ClosedBy | None = None, exit_: LoneExit | None = None
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
        digest=who,
    )
    visit.sealed = seal(json.dumps({"name": bearer.name, "number": bearer.number}), context=visit.seal_context)
    if exit_ is not None:
        visit.closed_by, visit.closed_at = ClosedBy.EXIT, scene.now
        visit.left_at, visit.exit_event_id, visit.exit_gate_id = exit_.at, exit_.event_id, exit_.gate_id
    elif closed_by is not None:
        visit.closed_by, visit.closed_at = closed_by, scene.now
    visit.save(force_insert=True)
    if exit_ is not None:
        LoneExit.objects.filter(pk=exit_.pk).update(visit=visit)
    if visit.closed_by == OPEN:
        shift(scene.held, places=spot.ids, identified=1, counted=event.count - 1, at=scene.now)
    tally(spot, at=scene.at, scanned_in=1, counted_in=event.count - 1)
    return visit


def _rescan(scene: _Scene, visit: Visit) -> Outcome:
    """Somebody who is inside scans in again: the visit goes on from here. At two gates at once it wants a look."""
    is_elsewhere = scene.spot.gate.pk != visit.gate_id
    is_conflict = is_elsewhere and abs(scene.at - visit.seen_at) <= AT_ONCE
    Rescan.objects.create(
        event_id=scene.event.id, visit=visit, gate=scene.spot.gate, at=scene.at, is_conflict=is_conflict
    )
    if scene.at > visit.seen_at:
        Visit.objects.filter(pk=visit.pk).update(seen_at=scene.at)
    if is_conflict:
        return Outcome(state=State.CONFLICT, code="at_two_gates", record=_key(visit))
    return scene.accepted(_key(visit), "inside_already")


# -- out -------------------------------------------------------------------------------------------------------------
def _leave(scene: _Scene) -> Outcome:
    bearer = scene.event.bearer
    if bearer is None:
        return _hand_count(scene, is_in=False)
    who = digest(bearer.number)
    # The clocks of two gates differ a little: an exit may seem to lie just before its entry.
    visits = Visit.objects.standing().filter(digest=who, site=scene.site, entered_at__lte=scene.at + CLOCK_AHEAD)
    visit = visits.order_by("-entered_at").first()
    if visit is None or (scene.at - visit.entered_at > ONE_DAY and visit.closed_by != OPEN):
        return _lone_exit(scene, who, "no_entry")
    if visit.closed_by == ClosedBy.EXIT:
        assert visit.left_at is not None
        if abs(scene.at - visit.left_at) <= AT_ONCE:
            return Outcome(state=State.CONFLICT, code="left_already", record=_key(visit))
        return _lone_exit(scene, who, "no_entry")
    was_open = visit.closed_by == OPEN
    Visit.objects.filter(pk=visit.pk).update(
        closed_by=ClosedBy.EXIT,
        closed_at=scene.now,
        left_at=max(scene.at, visit.entered_at),
        exit_event_id=scene.event.id,
        exit_gate=scene.spot.gate,
    )
    if was_open:
        _shift_visit(scene, visit, sign=-1)
    tally(scene.spot, at=scene.at, scanned_out=1, counted_out=visit.people - 1)
    return scene.accepted(_key(visit), "" if was_open else "left_after_closing")


def _lone_exit(scene: _Scene, who: str, code: str) -> Outcome:
    """Keep an exit without an entry. It is counted as an exit, and takes nobody out: the count never goes below what came in."""
    lone = LoneExit.objects.create(
        event_id=scene.event.id,
        site=scene.site,
        gate=scene.spot.gate,
        at=scene.at,
        people=scene.event.count,
        digest=who,
    )
    tally(scene.spot, at=scene.at, scanned_out=1, counted_out=scene.event.count - 1)
    return Outcome(state=State.CONFLICT, code=code, record=f"heritage_lone_exit:{lone.pk}")


def _shift_visit(scene: _Scene, visit: Visit, *, sign: int) -> None:
    """Let the people of a visit be inside, or no more, where they came in."""
    places = {place for place in (visit.site_id, visit.point_id, visit.gate_id) if place is not None}
    shift(scene.held, places=places, identified=sign, counted=sign * (visit.people - 1), at=scene.now)


# -- by hand ---------------------------------------------------------------------------------------------------------
def _hand_count(scene: _Scene, *, is_in: bool, is_child: bool = False) -> Outcome:
    event, spot, local = scene.event, scene.spot, localtime(scene.at)
    counts_inside = scene.at >= scene.held.site.counted_since
    counted = HandCount.objects.create(
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
    if counts_inside:
        shift(scene.held, places=spot.ids, counted=event.count if is_in else -event.count, at=scene.now)
    tally(spot, at=scene.at, **{"counted_in" if is_in else "counted_out": event.count})
    return scene.accepted(f"heritage_hand_count:{counted.pk}", "earlier_day" if scene.is_of_an_earlier_day else "")


def _recount_at_desk(scene: _Scene) -> Outcome:
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
    return scene.accepted(f"heritage_recount:{row.pk}", "recount_too_late" if is_settled else "")


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
def _annul(scene: _Scene, event: UUID) -> Outcome:
    """Take back what an earlier event of this site did. The event itself stays; what it counted is counted back."""
    for take_back in (_annul_entry, _annul_exit, _annul_hand_count, _annul_rescan, _annul_recount):
        if (outcome := take_back(scene, event)) is not None:
            return outcome
    return Outcome(state=State.REJECTED, code="nothing_to_annul")


def _annul_entry(scene: _Scene, event: UUID) -> Outcome | None:
    visit = Visit.objects.standing().filter(event_id=event, site=scene.site).first()
    if visit is None:
        return None
    if visit.closed_by == OPEN:
        _shift_visit(scene, visit, sign=-1)
    Visit.objects.filter(pk=visit.pk).update(closed_by=ClosedBy.ANNULLED, closed_at=scene.now, left_at=None)
    came_in = Spot(site=scene.site, point=visit.point, gate=visit.gate)
    tally(came_in, at=visit.entered_at, scanned_in=-1, counted_in=1 - visit.people)
    return scene.accepted(_key(visit), "annulled")


def _annul_exit(scene: _Scene, event: UUID) -> Outcome | None:
    """Take an exit back: the person is inside again, unless a later entry or a new day says otherwise."""
    lone = LoneExit.objects.filter(event_id=event, site=scene.site, annulled_at=None).first()
    visit = Visit.objects.filter(exit_event_id=event, site=scene.site, closed_by=ClosedBy.EXIT).first()
    if lone is None and visit is None:
        return None
    people, gate, at = 1, scene.spot.gate, scene.at
    if visit is not None:
        assert visit.exit_gate is not None
        assert visit.left_at is not None
        people, gate, at = visit.people, visit.exit_gate, visit.left_at
        came_again = bool(visit.digest) and Visit.objects.open().filter(digest=visit.digest).exists()
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
    tally(spot_of(gate), at=at, scanned_out=-1, counted_out=1 - people)
    return scene.accepted(_key(visit) if visit else f"heritage_lone_exit:{event}", "annulled")


def _annul_hand_count(scene: _Scene, event: UUID) -> Outcome | None:
    counted = HandCount.objects.filter(event_id=event, site=scene.site, annulled_at=None).first()
    if counted is None:
        return None
    HandCount.objects.filter(pk=counted.pk).update(annulled_at=scene.now)
    where = Spot(site=scene.site, point=counted.point, gate=counted.gate)
    if counted.was_counted_inside and counted.at >= scene.held.site.counted_since:
        people = -counted.people if counted.is_in else counted.people
        shift(scene.held, places=where.ids, counted=people, at=scene.now)
    tally(where, at=counted.at, **{"counted_in" if counted.is_in else "counted_out": -counted.people})
    return scene.accepted(f"heritage_hand_count:{counted.pk}", "annulled")


def _annul_rescan(scene: _Scene, event: UUID) -> Outcome | None:
    rescan = Rescan.objects.filter(event_id=event, visit__site=scene.site, annulled_at=None).first()
    if rescan is None:
        return None
    Rescan.objects.filter(pk=rescan.pk).update(annulled_at=scene.now)
    return scene.accepted(f"heritage_visit:{rescan.visit_id}", "annulled")


def _annul_recount(scene: _Scene, event: UUID) -> Outcome | None:
    row = Recount.objects.filter(event_id=event, site=scene.site, annulled_at=None).first()
    if row is None:
        return None
    Recount.objects.filter(pk=row.pk).update(annulled_at=scene.now)
    own = scene.held.site
    if row.at >= own.began_at:
        own.corrected -= row.correction
        Occupancy.objects.filter(pk=own.pk).update(corrected=own.corrected, changed_at=scene.now)
        see_to_alarm(own, at=scene.now)
    return scene.accepted(f"heritage_recount:{row.pk}", "annulled")


def _key(visit: Visit) -> str:
    return f"heritage_visit:{visit.pk}"


_ACTS: dict[str, Callable[[_Scene], Outcome]] = {
    "enter": _enter,
    "group": _enter,
    "child": lambda scene: _hand_count(scene, is_in=True, is_child=True),
    "leave": _leave,
    "count_in": lambda scene: _hand_count(scene, is_in=True),
    "count_out": lambda scene: _hand_count(scene, is_in=False),
    "recount": _recount_at_desk,
}
