"""Every write to units, people and roles."""

import base64
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from diem06.core.access import Role
from diem06.core.areas.queries import areas_on
from diem06.core.audit.actions import record
from diem06.core.organisation import queries
from diem06.core.organisation.models import ROLES_IN_A_UNIT, RoleAssignment, Unit, UnitName, User
from diem06.plan.model import Plan
from diem06.plan.model import Unit as PlannedUnit
from vnlib.text import name_sort_key


class OrganisationError(ValueError):
    """What was asked for does not fit; the message says what to change."""


# -- units -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class LoadedUnits:
    """What a loading did: codes of new and of changed units, and how many the plan has."""

    units: int
    new: list[str]
    changed: list[str]


@transaction.atomic
def load_units(plan: Plan, by: int | None = None, *, at: datetime | None = None) -> LoadedUnits:
    """
    Make the units of the plan data known. Loading the same again changes nothing and writes no audit entry.

    Units that the plan no longer names stay: roles, reports and figures cite them. Committees of communes are no rows:
    `queries.units_on` makes them from the rule rows and the area list.

    Raises OrganisationError for a unit whose key changes, or whose key another unit has: figure keys stand in signed files.
    """
    known = {unit.code: unit for unit in Unit.objects.prefetch_related("names")}
    loaded = LoadedUnits(units=len(plan.units), new=[], changed=[])
    for order, planned in enumerate(plan.units):
        _check_key(planned, known)
        unit = known.get(planned.code) or Unit(code=planned.code)
        values = _values(planned, plan, order)
        names = {(name.from_day, name.name, name.short) for name in planned.names}
        old_names = {(name.from_day, name.name, name.short) for name in unit.names.all()} if unit.pk else None
        if names == old_names and all(getattr(unit, name) == value for name, value in values.items()):
            continue
        (loaded.changed if unit.pk else loaded.new).append(unit.code)
        for name, value in values.items():
            setattr(unit, name, value)
        unit.save()
        known[unit.code] = unit
        if names != old_names:
            unit.names.all().delete()
            UnitName.objects.bulk_create(
                UnitName(unit=unit, from_day=name.from_day, name=name.name, short=name.short) for name in planned.names
            )
    if loaded.new or loaded.changed:
        details = {"new": loaded.new, "changed": loaded.changed}
        _record(by, "units.load", plan.id, details, at, object_type="plan")
        queries.forget()
        transaction.on_commit(queries.forget)
    return loaded


def _check_key(planned: PlannedUnit, known: dict[str, Unit]) -> None:
    for unit in known.values():
        if unit.code == planned.code and unit.key != planned.key:
            raise OrganisationError(f"Unit {unit.code}: its key is {unit.key} and cannot become {planned.key}.")
        if unit.code != planned.code and unit.key == planned.key:
            raise OrganisationError(f"Unit {planned.code}: {unit.code} has the key {unit.key}; give it another.")


def _values(planned: PlannedUnit, plan: Plan, order: int) -> dict[str, Any]:
    is_rule = planned.kind == queries.COMMUNE_RULE
    return {
        "key": planned.key,
        "plan_id": plan.id,
        "order": order,
        "name_en": planned.name_en,
        "kind": planned.kind,
        "level": planned.level.value,
        # A rule without an area is for the communes of the plan's own area.
        "area_code": planned.area or (plan.area if is_rule else ""),
        "parent_code": planned.parent,
        "head_title": planned.head_title,
        "signs": [list(lines) for lines in planned.signs],
        "symbol": planned.symbol,
        "header": list(planned.header),
        "reports": planned.reports,
        "valid_from": planned.valid_from,
        "valid_to": planned.valid_to,
        "successor_code": planned.successor,
    }


# -- people ----------------------------------------------------------------------------------------------------------
@transaction.atomic
def add_person(
    *,
    username: str,
    full_name: str,
    password: str,
    language: str = "vi",
    by: int | None = None,
    at: datetime | None = None,
) -> User:
    """
    Add a person who may sign in. They have no role yet: see `give_role`.

    Raises ValidationError for a user name that is taken or has other characters than a-z, 0-9, `.`, `-` and `_`, and
    for a password that the rules refuse.
    """
    name = " ".join(full_name.split())
    user = User(username=username, full_name=name, sort_key=name_sort_key(name), language=language)
    validate_password(password, user)
    user.set_password(password)
    user.full_clean()
    user.save()
    _record(by, "person.add", user, {"username": username, "full_name": name}, at)
    return user


@transaction.atomic
def rename_person(*, user: User, full_name: str, by: int | None = None, at: datetime | None = None) -> User:
    """Correct a person's name."""
    old, user.full_name = user.full_name, " ".join(full_name.split())
    user.sort_key = name_sort_key(user.full_name)
    user.full_clean()
    user.save(update_fields=["full_name", "sort_key"])
    _record(by, "person.rename", user, {"from": old, "to": user.full_name}, at)
    return user


@transaction.atomic
def set_password(*, user: User, password: str, by: int | None = None, at: datetime | None = None) -> User:
    """Give the person a new password; all their other sessions end. Raises ValidationError for one that the rules refuse."""
    validate_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    _record(by, "person.password", user, {}, at)
    return user


@transaction.atomic
def set_active(*, user: User, is_active: bool, by: int | None = None, at: datetime | None = None) -> User:
    """Let a person sign in, or no longer; sessions that are open end with the next click."""
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    _record(by, "person.activate" if is_active else "person.deactivate", user, {}, at)
    return user


@transaction.atomic
def choose_language(*, user: User, language: str, by: int | None = None, at: datetime | None = None) -> User:
    """Keep the language in which the person wants the screens: `vi` or `en`."""
    user.language = language
    user.clean_fields(exclude=["password", "username", "full_name", "sort_key"])
    user.save(update_fields=["language"])
    _record(by, "person.language", user, {"language": language}, at)
    return user


@transaction.atomic
def note_sign_in(*, user: User, is_success: bool, at: datetime | None = None) -> None:
    """Keep in the trail that somebody signed in as the person, or tried to with a wrong password."""
    _record(user.pk if is_success else None, "sign_in.success" if is_success else "sign_in.failure", user, {}, at)


# -- roles -----------------------------------------------------------------------------------------------------------
@transaction.atomic
def give_role(
    *,
    user: User,
    role: Role,
    unit: str = "",
    area: str = "",
    from_day: date,
    to_day: date | None = None,
    by: int | None = None,
    at: datetime | None = None,
) -> RoleAssignment:
    """
    Give a person a role from `from_day` until before `to_day` (None: until further notice).

    Raises OrganisationError for a unit or area that is not there on `from_day`, for a role that needs a unit and has none,
    and for one that the person holds already on some of these days.
    """
    if role.value in ROLES_IN_A_UNIT and not unit:
        raise OrganisationError(f"The role {role} is held in a unit: name the unit.")
    if unit and unit not in queries.units_on(from_day):
        raise OrganisationError(f"There is no unit {unit} on {from_day}. See: diem06 person units")
    if area and area not in areas_on(from_day):
        raise OrganisationError(f"There is no area {area} on {from_day}.")
    if to_day and to_day <= from_day:
        raise OrganisationError(f"The role must end after it begins ({from_day}).")
    held = user.roles.filter(Q(to_day__isnull=True) | Q(to_day__gt=from_day), role=role, unit_code=unit, area_code=area)
    if (held.filter(from_day__lt=to_day) if to_day else held).exists():
        raise OrganisationError(f"{user.username} holds the role {role} there already on some of these days.")
    given = RoleAssignment.objects.create(
        user=user, role=role, unit_code=unit, area_code=area, from_day=from_day, to_day=to_day
    )
    _record(by, "role.give", user, _details(given), at)
    return given


@transaction.atomic
def end_role(
    *, assignment: RoleAssignment, on: date, by: int | None = None, at: datetime | None = None
) -> RoleAssignment:
    """End a role: `on` is the first day without it. Raises OrganisationError for a day before it began."""
    if on < assignment.from_day:
        raise OrganisationError(f"The role began on {assignment.from_day}; it cannot end earlier.")
    assignment.to_day = on
    assignment.save(update_fields=["to_day"])
    _record(by, "role.end", assignment.user, _details(assignment), at)
    return assignment


def _details(assignment: RoleAssignment) -> dict[str, Any]:
    return {
        "role": str(assignment.role),
        "unit": assignment.unit_code,
        "area": assignment.area_code,
        "from": assignment.from_day,
        "to": assignment.to_day,
    }


# -- second factor ---------------------------------------------------------------------------------------------------
def new_totp_secret() -> str:
    """160 random bits as base 32, as authenticator apps take them."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


@transaction.atomic
def set_totp(user: User, secret: str, *, by: int | None = None, at: datetime | None = None) -> Authenticator:
    """
    Make `secret` (base 32) the person's second factor, in place of the one they had; their recovery codes go.

    Raises OrganisationError for a text that is not base 32 of at least 16 bytes.
    """
    try:
        is_long_enough = len(base64.b32decode(secret, casefold=True)) >= 16  # RFC 4226: 128 bits
    except ValueError:
        is_long_enough = False
    if not is_long_enough:
        raise OrganisationError("The secret must be base 32 text of at least 16 bytes, such as `person totp` makes.")
    Authenticator.objects.filter(user_id=user.pk).delete()
    authenticator = Authenticator.objects.create(
        user=user, type=Authenticator.Type.TOTP, data={"secret": encrypt(secret)}
    )
    note_totp(user=user, is_set=True, by=by, at=at)
    return authenticator


@transaction.atomic
def remove_totp(*, user: User, by: int | None = None, at: datetime | None = None) -> User:
    """Take the second factor away, for a lost telephone. Who sees the whole province must set up a new one at once."""
    Authenticator.objects.filter(user_id=user.pk).delete()
    note_totp(user=user, is_set=False, by=by, at=at)
    return user


@transaction.atomic
def note_totp(*, user: User, is_set: bool, by: int | None, at: datetime | None = None) -> None:
    """Keep in the trail that the second factor was set or taken away (the sign-in pages do it themselves)."""
    _record(by, "totp.set" if is_set else "totp.remove", user, {}, at)


def _record(
    by: int | None,
    action: str,
    about: User | str,
    details: dict[str, Any],
    at: datetime | None,
    *,
    object_type: str = "person",
) -> None:
    record(
        by=by,
        action=action,
        object_type=object_type,
        object_id=about if isinstance(about, str) else str(about.pk),
        details=details,
        at=at or settings.DIEM06_CLOCK(),
    )


__all__ = [
    "LoadedUnits",
    "OrganisationError",
    "ValidationError",
    "add_person",
    "choose_language",
    "end_role",
    "give_role",
    "load_units",
    "new_totp_secret",
    "note_sign_in",
    "note_totp",
    "remove_totp",
    "rename_person",
    "set_active",
    "set_password",
    "set_totp",
]
