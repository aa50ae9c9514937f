"""
What passes from one person to another when staff change.

Roles are this room's own. Rooms above have their own things: an app declares them in its `handover.py`:

    PARTS = (Part(key="reports.tasks", title=gettext_lazy("Việc trong Kế hoạch"), count=count, hand_over=hand_over),)

`actions.hand_over` calls each part in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from django.db.models import Q, QuerySet
from django.utils.functional import Promise

from diem06.core.access import PROVINCE_WIDE, Role
from diem06.core.declarations import declared
from diem06.core.organisation.models import ROLES_IN_A_UNIT, Handover, RoleAssignment, User
from diem06.core.organisation.queries import roles_on

Units = Collection[str] | None
"""Codes of the units whose work passes; None: all of it, what belongs to no unit too."""


class HandOver(Protocol):
    """Make open things of one person another's, and return how many; in the transaction of the caller."""

    def __call__(self, *, from_: User, to: User, units: Units, at: datetime, by: int) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Part:
    """Things of one kind that a person may own. `count(person, units)` says how many would pass; `title` names them in the plural."""

    key: str
    title: Promise | str
    count: Callable[[User, Units], int]
    hand_over: HandOver


@dataclass(frozen=True)
class Preview:
    """What would pass: the roles, and each part with its count."""

    roles: list[RoleAssignment]
    parts: list[tuple[Part, int]]

    @property
    def is_empty(self) -> bool:
        return not self.roles and not any(count for _part, count in self.parts)


def installed_parts() -> Iterator[Part]:
    """Yield the parts of every installed app."""
    yield from declared("handover", "PARTS")


def preview(person: User, units: Units, *, on: date) -> Preview:
    """Return what would pass from a person if their work were handed over with roles from the day `on`."""
    return Preview(
        roles=list(roles_that_pass(person, units, on=on)),
        parts=[(part, part.count(person, units)) for part in installed_parts()],
    )


def roles_that_pass(person: User, units: Units, *, on: date) -> QuerySet[RoleAssignment]:
    """Return the roles that the person still holds on the day or later. For some units: only those of their heads and reporters."""
    still_held = person.roles.filter(Q(to_day__isnull=True) | Q(to_day__gt=on))
    if units is not None:
        still_held = still_held.filter(unit_code__in=units, role__in=ROLES_IN_A_UNIT)
    return still_held.order_by("role", "unit_code", "area_code", "from_day")


def is_province_wide(roles: Collection[RoleAssignment]) -> bool:
    """Whether one of `roles` sees the whole province."""
    return any(Role(held.role) in PROVINCE_WIDE for held in roles)


def may_give(units: Units, *, on: date) -> QuerySet[User]:
    """Return whose work may be handed over: everybody, or who works in one of `units`; also who was switched off already."""
    if units is None:
        return User.objects.all()
    here = RoleAssignment.objects.filter(unit_code__in=units, role__in=ROLES_IN_A_UNIT)
    return User.objects.filter(pk__in=here.filter(Q(to_day__isnull=True) | Q(to_day__gt=on)).values("user_id"))


def may_take(units: Units, *, on: date) -> QuerySet[User]:
    """Return who may take over: everybody who is active; within `units` who works there, or who has no role yet at all."""
    active = User.objects.filter(is_active=True)
    if units is None:
        return active
    with_a_role = roles_on(on)
    return active.filter(
        Q(pk__in=with_a_role.filter(unit_code__in=units).values("user_id")) | ~Q(pk__in=with_a_role.values("user_id"))
    )


def history(units: Units) -> list[Handover]:
    """Return the last handovers, the newest first: all, or those within `units`."""
    past = Handover.objects.select_related("from_person", "to_person", "by")[:200]
    return [one for one in past if units is None or (one.units and set(one.units) <= set(units))][:20]
