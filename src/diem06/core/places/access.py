"""Access rules for a place that stands in the address of a page."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.conf import settings
from django.utils.timezone import localdate

from diem06.core.access import Predicate, Role, Subject
from diem06.core.places.queries import Reach, place_of, place_on, reach_to_see, reach_to_write
from diem06.core.plans.queries import NoPlanError, loaded_plan
from diem06.plan.model import Plan

KEEPERS = (Role.UNIT_HEAD, Role.UNIT_REPORTER)
"""Who acts for a unit that keeps places."""


def today() -> date:
    """The day by the clock of the product: a rule is asked before the view that knows the request's."""
    day: date = localdate(settings.DIEM06_CLOCK())
    return day


def plan_in_use() -> Plan | None:
    try:
        return loaded_plan().plan
    except NoPlanError:
        return None


def sees_places(measures: Collection[str]) -> Predicate:
    """Whoever may see some place of the pilot that supplies `measures`: all who have a role."""

    def predicate(subject: Subject, **url: object) -> bool:  # noqa: ARG001
        return bool(subject.grants)

    return _named(predicate, f"sees_places({', '.join(measures)})")


def sees_place(kwarg: str, *, kind: str, measures: Collection[str]) -> Predicate:
    """
    Seeing one place: province-wide roles, the units that owe `measures`, the place's own unit, and units in whose area it lies.

    A place that does not exist is seen by whoever sees all, and the view answers 404.
    """

    def predicate(subject: Subject, **url: object) -> bool:
        day = today()
        reach = reach_to_see(subject, measures=measures, plan=plan_in_use(), on=day)
        return _covers(reach, kind, str(url[kwarg]), day)

    return _named(predicate, f"sees_place({kwarg})")


def keeps_place(kwarg: str, *, kind: str, measures: Collection[str]) -> Predicate:
    """Changing one place: heads and reporters of the units that may see it. A province-wide role does not help."""

    def predicate(subject: Subject, **url: object) -> bool:
        day = today()
        return _covers(keeper_reach(subject, measures=measures, on=day), kind, str(url[kwarg]), day)

    return _named(predicate, f"keeps_place({kwarg})")


def keeps_all(measures: Collection[str]) -> Predicate:
    """Changing what is common to all places of a pilot, such as its base list: heads and reporters of the units that owe `measures`."""

    def predicate(subject: Subject, **url: object) -> bool:  # noqa: ARG001
        return keeper_reach(subject, measures=measures, on=today()).is_all

    return _named(predicate, f"keeps_all({', '.join(measures)})")


def keeps_some(measures: Collection[str]) -> Predicate:
    """Adding places: heads and reporters of the units that owe `measures`, or that have an area smaller than the plan's."""

    def predicate(subject: Subject, **url: object) -> bool:  # noqa: ARG001
        reach = keeper_reach(subject, measures=measures, on=today())
        return reach.is_all or bool(reach.areas)

    return _named(predicate, f"keeps_some({', '.join(measures)})")


def keeper_reach(subject: Subject, *, measures: Collection[str], on: date) -> Reach:
    """Return which places the person may change."""
    return reach_to_write(subject.units_as(*KEEPERS), measures=measures, plan=plan_in_use(), on=on)


def _covers(reach: Reach, kind: str, code: str, day: date) -> bool:
    if reach.is_all:
        return True
    place = place_of(kind, code)
    return place is not None and reach.covers(place_on(place, day))


def _named(predicate: Predicate, name: str) -> Predicate:
    predicate.__name__ = name
    return predicate
