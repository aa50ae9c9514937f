"""Which units there are on a day, who works in them, what a person may do."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from time import monotonic
from types import MappingProxyType

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.db.models import Q, QuerySet

from diem06.core.access import ANONYMOUS, Grant, Role, Subject
from diem06.core.areas.queries import AreaOn, AreaTree, areas_on, first_days_of, stands_for
from diem06.core.organisation.models import RoleAssignment, SavedView, Unit, User
from diem06.plan.model import Level

COMMUNE_RULE = "commune_committee_rule"
COMMUNE_COMMITTEE = "commune_committee"
DISTRICT_COMMITTEE = "district_committee"
REMEMBER_SECONDS = 60
TOTP_SECONDS = 30
_RULE_ENDING = "cap-xa"
_PLACEHOLDER = re.compile(r"\{[^}]*\}")
_TYPES_EN = {"Xã": "Commune", "Phường": "Ward", "Thị trấn": "Township"}


@dataclass(frozen=True, kw_only=True)
class UnitOn:
    """
    A unit as it is on a day. The committee of a commune has the days of its commune's row in the area list.

    `valid_from` None: there on the plan's day. `valid_to` is the last day. `successor` is the code that the plan data
    names; `successor_of` follows it to a unit of a day.
    """

    code: str
    key: str
    name: str
    short: str
    name_en: str
    kind: str
    level: str
    area: str
    parent: str
    head_title: str
    signs: tuple[tuple[str, ...], ...]
    symbol: str
    header: tuple[str, ...]
    reports: str
    valid_from: date | None
    valid_to: date | None
    successor: str


@dataclass(frozen=True)
class PersonInUnit:
    """A person with one role in a unit."""

    user_id: int
    username: str
    full_name: str
    role: Role


# -- units -----------------------------------------------------------------------------------------------------------
def units_on(day: date) -> Mapping[str, UnitOn]:
    """
    The units of the day by code, in the order of the plan data; the committees of communes last, by area code.

    A process remembers them; others see a change after REMEMBER_SECONDS at the latest.
    """
    return _units().on(day)


def successor_of(code: str, on: date) -> str:
    """
    The unit that stands for `code` on the day: itself while it is there, else whoever took over.

    The committee of a commune that was divided goes to the commune with the most of its people. Empty where nobody took
    over as a whole: a district of 2025 handed its work to many communes, so what is open there must be given out anew.
    Empty too for a unit that is not there yet.
    """
    here, seen = units_on(on), {""}
    while code not in here and code not in seen:
        seen.add(code)
        code = _units().after(code, on)
    return code if code in here else ""


def forget() -> None:
    """Read the units anew the next time."""
    _remembered.clear()


@dataclass
class _Units:
    read_at: float
    units: dict[str, Unit]
    days: dict[date, tuple[AreaTree, Mapping[str, UnitOn]]] = field(default_factory=dict)

    def on(self, day: date) -> Mapping[str, UnitOn]:
        tree = areas_on(day)
        known = self.days.get(day)
        # Areas are remembered apart; the committees of communes must be those of the tree of now.
        if known is None or known[0] is not tree:
            known = self.days[day] = tree, MappingProxyType({unit.code: unit for unit in self._all_on(day, tree)})
        return known[1]

    def _all_on(self, day: date, tree: AreaTree) -> Iterator[UnitOn]:
        here = [unit for unit in self.units.values() if _is_there(unit, day)]
        plain = [_unit_on(unit, day) for unit in here if unit.kind != COMMUNE_RULE]
        districts = {unit.area: unit.code for unit in plain if unit.kind == DISTRICT_COMMITTEE}
        yield from plain
        for rule in here:
            if rule.kind == COMMUNE_RULE and rule.area_code in tree:
                for area in tree.descendants(rule.area_code, Level.COMMUNE):
                    yield _committee(rule, area, day, parent=rule.parent_code or districts.get(area.parent, ""))

    def after(self, code: str, on: date) -> str:
        """One step: the unit that took over from `code`, which is not there on the day."""
        if unit := self.units.get(code):
            is_yet_to_come = unit.valid_from is not None and unit.valid_from > on
            return "" if is_yet_to_come else unit.successor_code
        for rule in self.units.values():
            if rule.kind == COMMUNE_RULE and code.startswith(_prefix(rule)):
                return self._committee_after(rule, code.removeprefix(_prefix(rule)), on)
        return ""

    def _committee_after(self, rule: Unit, area_code: str, on: date) -> str:
        before = [day for day in first_days_of(area_code) if day <= on and day <= (rule.valid_to or on)]
        now = stands_for(area_code, before[-1], on) if before else ""
        ruling = rule if _is_there(rule, on) else self.units.get(rule.successor_code)
        return f"{_prefix(ruling)}{now}" if now and ruling else ""


_remembered: list[_Units] = []


def _units() -> _Units:
    now = monotonic()
    if not _remembered or now - _remembered[0].read_at > REMEMBER_SECONDS:
        units = Unit.objects.prefetch_related("names").order_by("order", "code")
        _remembered[:] = [_Units(read_at=now, units={unit.code: unit for unit in units})]
    return _remembered[0]


def _is_there(unit: Unit, day: date) -> bool:
    return (unit.valid_from or date.min) <= day <= (unit.valid_to or date.max)


def _unit_on(unit: Unit, day: date) -> UnitOn:
    name, short = _names_on(unit, day)
    return UnitOn(
        code=unit.code,
        key=unit.key,
        name=name,
        short=short,
        name_en=unit.name_en,
        kind=unit.kind,
        level=unit.level,
        area=unit.area_code,
        parent=unit.parent_code,
        head_title=unit.head_title,
        signs=tuple(tuple(lines) for lines in unit.signs),
        symbol=unit.symbol,
        header=tuple(unit.header),
        reports=unit.reports,
        valid_from=unit.valid_from,
        valid_to=unit.valid_to,
        successor=unit.successor_code,
    )


def _names_on(unit: Unit, day: date) -> tuple[str, str]:
    """The latest name that holds on the day; before the first dated one, the first."""
    names = sorted(unit.names.all(), key=lambda name: name.from_day or date.min)
    holding = [name for name in names if (name.from_day or date.min) <= day] or names[:1]
    return (holding[-1].name, holding[-1].short) if holding else (unit.code, unit.code)


def _committee(rule: Unit, area: AreaOn, day: date, *, parent: str) -> UnitOn:
    name, short = _names_on(rule, day)
    last_day = area.valid_to - timedelta(1) if area.valid_to else None
    days_from = [each for each in (rule.valid_from, area.valid_from) if each]
    days_to = [each for each in (rule.valid_to, last_day) if each]
    in_english = f"{area.short_name} {_TYPES_EN.get(area.type, area.type)}"
    return UnitOn(
        code=f"{_prefix(rule)}{area.code}",
        key=f"{rule.key}-{area.code}",
        name=_filled(name, area),
        short=_filled(short, area),
        name_en=_PLACEHOLDER.sub(in_english, rule.name_en).removesuffix(" (rule)"),
        kind=COMMUNE_COMMITTEE,
        level=rule.level,
        area=area.code,
        parent=parent,
        head_title=rule.head_title,
        signs=tuple(tuple(lines) for lines in rule.signs),
        symbol=rule.symbol,
        header=tuple(_filled(line, area) for line in rule.header),
        reports=rule.reports,
        valid_from=max(days_from),
        valid_to=min(days_to, default=None),
        successor="",
    )


def _filled(text: str, area: AreaOn) -> str:
    """The type and name of a commune in place of {loại và tên}: «UBND xã An Bá», «XÃ AN BÁ»."""
    in_a_sentence = area.type.lower() + area.name[len(area.type) :]
    return _PLACEHOLDER.sub(lambda match: area.name.upper() if match[0].isupper() else in_a_sentence, text)


def _prefix(rule: Unit) -> str:
    """`ubnd-cap-xa` makes `ubnd-07228`."""
    return rule.code.removesuffix(_RULE_ENDING) if rule.code.endswith(_RULE_ENDING) else f"{rule.code}-"


# -- people ----------------------------------------------------------------------------------------------------------
def roles_on(day: date) -> QuerySet[RoleAssignment]:
    """The roles that hold on the day."""
    return RoleAssignment.objects.filter(Q(to_day__isnull=True) | Q(to_day__gt=day), from_day__lte=day)


def people_of(unit: str, on: date) -> list[PersonInUnit]:
    """Who works in the unit on the day, active people only, by given name; a person with two roles stands there twice."""
    roles = roles_on(on).filter(unit_code=unit, user__is_active=True).select_related("user")
    return [
        PersonInUnit(role.user_id, role.user.username, role.user.full_name, Role(role.role))
        for role in roles.order_by("user__sort_key", "user_id", "role")
    ]


def subject_for(user: User, on: date) -> Subject:
    """The person with the roles of the day, as the access rules see them. Who is not active is nobody."""
    if not user.is_active:
        return ANONYMOUS
    roles = roles_on(on).filter(user_id=user.pk).values_list("role", "unit_code", "area_code")
    return Subject(user.pk, user.full_name, frozenset(Grant(Role(role), unit, area) for role, unit, area in roles))


# -- saved views -----------------------------------------------------------------------------------------------------
def default_views(person: int) -> dict[str, str]:
    """Return the query of the person's default view by page: where the menu leads them."""
    return dict(SavedView.objects.filter(person_id=person, is_default=True).values_list("page", "query"))


# -- second factor ---------------------------------------------------------------------------------------------------
def has_totp(user: User) -> bool:
    """Whether the person must give a one-time code after the password."""
    return Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists()


def must_set_up_totp(user: User, subject: Subject) -> bool:
    """Whoever sees the whole province signs in with a second factor, or sets one up before anything else."""
    return subject.is_province_wide and not has_totp(user)


def totp_code(user: User, at: datetime) -> str:
    """
    The one-time code of six digits that the person's app shows at `at`.

    `at` is the machine's time, not that of a demo's shifted clock: sign-in checks codes by the former.
    Raises Authenticator.DoesNotExist for a person without one.
    """
    authenticator = Authenticator.objects.get(user_id=user.pk, type=Authenticator.Type.TOTP)
    counter = int(at.timestamp()) // TOTP_SECONDS
    return format_hotp_value(hotp_value(decrypt(authenticator.data["secret"]), counter))
