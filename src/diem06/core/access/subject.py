"""Who asks: a person with the roles that hold today."""

from dataclasses import dataclass
from enum import StrEnum

from django.core.exceptions import PermissionDenied
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Role(StrEnum):
    """What a person may be in the work of a plan."""

    CHAIRMAN_OFFICE = "chairman_office"
    STANDING_OFFICE = "standing_office"
    LEAD_UNIT = "lead_unit"
    UNIT_HEAD = "unit_head"
    UNIT_REPORTER = "unit_reporter"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> Promise:
        """The words on screen."""
        return _LABELS[self]


_LABELS = {
    Role.CHAIRMAN_OFFICE: _("Lãnh đạo UBND tỉnh"),
    Role.STANDING_OFFICE: _("Cơ quan thường trực"),
    Role.LEAD_UNIT: _("Đơn vị chủ trì, tổng hợp"),
    Role.UNIT_HEAD: _("Lãnh đạo đơn vị"),
    Role.UNIT_REPORTER: _("Cán bộ báo cáo của đơn vị"),
    Role.AUDITOR: _("Kiểm tra, giám sát"),
    Role.ADMINISTRATOR: _("Quản trị hệ thống"),
}

PROVINCE_WIDE = frozenset(
    {Role.CHAIRMAN_OFFICE, Role.STANDING_OFFICE, Role.LEAD_UNIT, Role.AUDITOR, Role.ADMINISTRATOR}
)


@dataclass(frozen=True)
class Grant:
    """One role, in one unit (code, or empty), for one area (code, or empty: the unit's own)."""

    role: Role
    unit: str = ""
    area: str = ""


@dataclass(frozen=True)
class Scope:
    """What may be read. `unit` None: the whole province. A code: that unit's own figures, obligations and reports."""

    unit: str | None


@dataclass(frozen=True)
class Subject:
    """A person as the rules see them. `user_id` None: nobody has signed in."""

    user_id: int | None
    name: str = ""
    grants: frozenset[Grant] = frozenset()

    @property
    def is_signed_in(self) -> bool:
        return self.user_id is not None

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(grant.role for grant in self.grants)

    def has(self, *roles: Role) -> bool:
        """Whether one of `roles` is held, in any unit."""
        return not self.roles.isdisjoint(roles)

    @property
    def is_province_wide(self) -> bool:
        """Whether everything of the province may be read. Writing always needs a role of its own."""
        return not self.roles.isdisjoint(PROVINCE_WIDE)

    @property
    def units(self) -> frozenset[str]:
        """Codes of the units in which any role is held."""
        return frozenset(grant.unit for grant in self.grants if grant.unit)

    def units_as(self, *roles: Role) -> frozenset[str]:
        """Codes of the units in which one of `roles` is held."""
        return frozenset(grant.unit for grant in self.grants if grant.unit and grant.role in roles)

    @property
    def scope(self) -> Scope:
        """
        What this person may read.

        Whoever has roles in several units, and none province wide, gets the first by code: see `scope_of` for the
        others. Raises PermissionDenied without any role: an empty scope could be taken for the whole province.
        """
        if self.is_province_wide:
            return Scope(unit=None)
        if not self.units:
            raise PermissionDenied(gettext("Bạn chưa được giao vai trò nào. Liên hệ quản trị hệ thống."))
        return Scope(unit=min(self.units))

    def scope_of(self, unit: str) -> Scope:
        """The scope of one of the person's own units. Raises PermissionDenied for a unit that is not theirs."""
        if not self.is_province_wide and unit not in self.units:
            raise PermissionDenied(gettext("Bạn chỉ xem được số liệu của đơn vị mình."))
        return Scope(unit=unit)


ANONYMOUS = Subject(user_id=None)
