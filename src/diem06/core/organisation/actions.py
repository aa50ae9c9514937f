"""Every write to units, people and roles."""

import base64
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from diem06.core.access import Role
from diem06.core.areas.queries import areas_on
from diem06.core.audit.actions import record
from diem06.core.organisation import handovers, queries
from diem06.core.organisation.models import (
    LONGEST_QUERY,
    LONGEST_TITLE,
    ROLES_IN_A_UNIT,
    Handover,
    RoleAssignment,
    SavedView,
    Unit,
    UnitName,
    User,
)
from diem06.core.ui.languages import in_each_language
from diem06.plan.model import Plan
from diem06.plan.model import Unit as PlannedUnit
from vnlib.text import name_sort_key

MOST_AHEAD = timedelta(days=60)
"""A handover is planned so far ahead at most."""
MOST_SAVED_VIEWS = 12


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
    hashed: str = "",
    by: int | None = None,
    at: datetime | None = None,
) -> User:
    """
    Add a person who may sign in. They have no role yet: see `give_role`.

    `hashed` is the hash of `password` where it was made before: the demo's people share one, and a good hash takes long.
    Raises ValidationError for a user name that is taken or has other characters than a-z, 0-9, `.`, `-` and `_`, and
    for a password that the rules refuse.
    """
    name = " ".join(full_name.split())
    user = User(username=username, full_name=name, sort_key=name_sort_key(name), language=language)
    validate_password(password, user)
    user.password = hashed or make_password(password)
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


# -- handover --------------------------------------------------------------------------------------------------------
class HandoverError(OrganisationError):
    """Work that cannot be handed over like this; the message is for the person on screen."""


@transaction.atomic
def hand_over(
    *,
    from_person: User,
    to_person: User,
    day: date,
    units: handovers.Units,
    with_roles: bool,
    parts: Collection[str],
    by: int,
    at: datetime,
) -> Handover:
    """
    Pass the work of one person to another: roles from `day` on, the open things of `parts` (keys) at once.

    `units` are those whose work passes, None for all of it. All passes or nothing does. What the other holds already is not given
    twice. What was done stays in the name of who did it.

    Raises HandoverError for a day that is past or too far off, for a person who may not take over, and where nothing would pass.
    """
    today = localdate(at)
    if from_person.pk == to_person.pk:
        raise HandoverError(_("Chọn hai người khác nhau."))
    if not to_person.is_active:
        raise HandoverError(_("Người nhận đã ngừng hoạt động. Chọn người khác."))
    if not today <= day <= today + MOST_AHEAD:
        raise HandoverError(
            _("Chọn ngày từ hôm nay đến %(last)s.") % {"last": (today + MOST_AHEAD).strftime("%d/%m/%Y")}
        )
    held = list(handovers.roles_that_pass(from_person, units, on=day)) if with_roles else []
    if to_person.pk == by and handovers.is_province_wide(held):
        raise HandoverError(_("Không tự nhận vai trò toàn tỉnh của người khác. Nhờ một quản trị viên khác chuyển."))
    for assignment in held:
        _pass_role(assignment, to_person, day, by=by, at=at)
    passed = [
        {"key": part.key, "title": in_each_language(part.title), "count": count}
        for part in handovers.installed_parts()
        if part.key in parts
        and (count := part.hand_over(from_=from_person, to=to_person, units=units, at=at, by=by)) > 0
    ]
    if not held and not passed:
        raise HandoverError(_("Không có gì để chuyển giao."))
    handover = Handover.objects.create(
        from_person=from_person,
        to_person=to_person,
        units=None if units is None else sorted(units),
        day=day,
        roles=[{"role": one.role, "unit": one.unit_code, "area": one.area_code} for one in held],
        parts=passed,
        at=at,
        by_id=by,
    )
    details = {
        "to": to_person.pk,
        "day": day,
        "units": handover.units,
        "roles": handover.roles,
        "parts": {part["key"]: part["count"] for part in passed},
    }
    _record(by, "person.hand_over", from_person, details, at)
    return handover


def _pass_role(held: RoleAssignment, to: User, day: date, *, by: int, at: datetime) -> None:
    """End a role and give the rest of its days to another person, as far as they do not hold it themselves."""
    start, end = max(day, held.from_day), held.to_day
    end_role(assignment=held, on=start, by=by, at=at)
    same = {"role": held.role, "unit_code": held.unit_code, "area_code": held.area_code}
    for own in to.roles.filter(Q(to_day__isnull=True) | Q(to_day__gt=start), **same).order_by("from_day"):
        if own.from_day > start:
            end = own.from_day if end is None else min(end, own.from_day)
            break
        if own.to_day is None:
            return
        start = max(start, own.to_day)
    if end is not None and start >= end:
        return
    try:
        give_role(
            user=to,
            role=Role(held.role),
            unit=held.unit_code,
            area=held.area_code,
            from_day=start,
            to_day=end,
            by=by,
            at=at,
        )
    except OrganisationError as fault:
        raise HandoverError(
            _("Không chuyển được vai trò «%(role)s» từ ngày %(day)s: đơn vị hoặc địa bàn không còn vào ngày đó.")
            % {"role": Role(held.role).label, "day": start.strftime("%d/%m/%Y")}
        ) from fault


# -- what a person likes ---------------------------------------------------------------------------------------------
@transaction.atomic
def save_view(*, person: User, page: str, title: str, query: str, is_default: bool, at: datetime) -> SavedView:
    """
    Keep a list as the person wants it, under a title; the same title of the same page is replaced.

    Period and page number are left out: the view of this month must not show it still in the next. Raises OrganisationError for a
    title or a filter that is empty or too long, and for more than MOST_SAVED_VIEWS of one page.
    """
    title, query = " ".join(title.split()), handed_on(query)
    if not title or len(title) > LONGEST_TITLE:
        raise OrganisationError(_("Đặt tên từ 1 đến %(n)s ký tự.") % {"n": LONGEST_TITLE})
    if not query:
        raise OrganisationError(_("Chọn bộ lọc trước, rồi lưu."))
    if len(query) > LONGEST_QUERY:
        raise OrganisationError(_("Bộ lọc dài quá. Bớt điều kiện rồi lưu lại."))
    mine = SavedView.objects.filter(person=person, page=page)
    if mine.exclude(title=title).count() >= MOST_SAVED_VIEWS:
        raise OrganisationError(_("Mỗi trang lưu nhiều nhất %(n)s bộ lọc. Xóa bớt một bộ.") % {"n": MOST_SAVED_VIEWS})
    if is_default:
        mine.filter(is_default=True).update(is_default=False)
    view, _is_new = SavedView.objects.update_or_create(
        person=person, page=page, title=title, defaults={"query": query, "is_default": is_default}
    )
    _record(person.pk, "view.save", person, {"page": page, "title": title, "query": query}, at)
    return view


@transaction.atomic
def delete_view(*, view: SavedView, at: datetime) -> None:
    """Forget a saved view."""
    _record(view.person_id, "view.delete", view.person, {"page": view.page, "title": view.title}, at)
    view.delete()


def handed_on(query: str) -> str:
    """Return the part of a list's address that a saved view keeps: without period, page number and what is empty."""
    pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=False)
    return urlencode([(name, value) for name, value in pairs if name not in {"period", "page", "csrfmiddlewaretoken"}])


@transaction.atomic
def note_tour_seen(*, user: User, tour: str, at: datetime) -> User:
    """Keep that the person has taken or skipped a tour, so that it is not offered again."""
    if tour not in user.tours_seen:
        user.tours_seen = [*user.tours_seen, tour]
        user.save(update_fields=["tours_seen"])
        _record(user.pk, "person.tour", user, {"tour": tour}, at)
    return user


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
    "HandoverError",
    "LoadedUnits",
    "OrganisationError",
    "ValidationError",
    "add_person",
    "choose_language",
    "delete_view",
    "end_role",
    "give_role",
    "hand_over",
    "handed_on",
    "load_units",
    "new_totp_secret",
    "note_sign_in",
    "note_totp",
    "note_tour_seen",
    "remove_totp",
    "rename_person",
    "save_view",
    "set_active",
    "set_password",
    "set_totp",
]
