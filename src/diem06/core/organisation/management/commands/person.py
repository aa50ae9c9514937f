import secrets
import sys
from argparse import ArgumentTypeError
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import localdate

from diem06.core import access
from diem06.core.access import Role
from diem06.core.organisation import actions, queries
from diem06.core.organisation.models import User


class Command(BaseCommand):
    """Exit codes: 0 done; 2 it could not be done as asked."""

    help = "Add people, give and end roles, set passwords and second factors, list people and units."
    access_rule = access.operator
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="add|role|password|totp|active|list|units")

        add = verbs.add_parser("add", help="add a person; prints a new password unless one is given")
        add.add_argument("username")
        add.add_argument("full_name", help='"Nguyễn Văn An"')
        add.add_argument("--language", choices=["vi", "en"], default="vi")
        add.add_argument("--password-stdin", action="store_true", help="read the password from the standard input")

        role = verbs.add_parser("role", help="give a person a role, or end it")
        role.add_argument("username")
        role.add_argument("role", choices=[role.value for role in Role])
        role.add_argument("--unit", default="", help="code of the unit; a head and a reporter need one")
        role.add_argument("--area", default="", help="code of the area, where it is not the unit's own")
        role.add_argument("--from", dest="from_day", type=_day, help="first day, as 2023-07-01 (today)")
        role.add_argument("--to", dest="to_day", type=_day, help="first day without the role (until further notice)")
        role.add_argument("--end", type=_day, metavar="DAY", help="end the role that is held: first day without it")

        password = verbs.add_parser("password", help="set a new password and print it")
        password.add_argument("username")
        password.add_argument("--password-stdin", action="store_true", help="read it from the standard input")

        totp = verbs.add_parser("totp", help="set a new second factor and print its secret")
        totp.add_argument("username")
        totp.add_argument("--remove", action="store_true", help="take it away, for a lost telephone")

        active = verbs.add_parser("active", help="let a person sign in, or no longer")
        active.add_argument("username")
        active.add_argument("state", choices=["yes", "no"])

        verbs.add_parser("list", help="everybody, with the roles of today")
        verbs.add_parser("units", help="codes and names of the units of today")

    def handle(self, *args: Any, **options: Any) -> None:
        now = settings.DIEM06_CLOCK()
        try:
            getattr(self, f"_{options['verb']}")(options, now)
        except (actions.OrganisationError, ValidationError) as fault:
            reasons = fault.messages if isinstance(fault, ValidationError) else [str(fault)]
            raise CommandError("\n".join(reasons), returncode=2) from None

    def _add(self, options: dict[str, Any], now: datetime) -> None:
        password = _password(options)
        user = actions.add_person(
            username=options["username"],
            full_name=options["full_name"],
            password=password,
            language=options["language"],
            at=now,
        )
        self.stdout.write(f"{user.username}: {user.full_name}")
        self._tell(password, options)

    def _role(self, options: dict[str, Any], now: datetime) -> None:
        user = _user(options["username"])
        role, unit, area = Role(options["role"]), options["unit"], options["area"]
        if options["end"]:
            held = user.roles.filter(role=role, unit_code=unit, area_code=area).order_by("-from_day").first()
            if held is None:
                raise actions.OrganisationError(f"{user.username} does not hold {role} there. See: diem06 person list")
            actions.end_role(assignment=held, on=options["end"], at=now)
            self.stdout.write(f"{user.username}: {role} ends on {options['end']}.")
            return
        from_day = options["from_day"] or localdate(now)
        given = actions.give_role(
            user=user, role=role, unit=unit, area=area, from_day=from_day, to_day=options["to_day"], at=now
        )
        self.stdout.write(f"{user.username}: {role} {unit} from {given.from_day}.")
        if role in access.PROVINCE_WIDE and not queries.has_totp(user):
            self.stdout.write("They must set up a second factor when they sign in (or: diem06 person totp).")

    def _password(self, options: dict[str, Any], now: datetime) -> None:
        password = _password(options)
        actions.set_password(user=_user(options["username"]), password=password, at=now)
        self.stdout.write(f"{options['username']}: new password.")
        self._tell(password, options)

    def _totp(self, options: dict[str, Any], now: datetime) -> None:
        user = _user(options["username"])
        if options["remove"]:
            actions.remove_totp(user=user, at=now)
            self.stdout.write(f"{user.username}: no second factor any more.")
            return
        secret = actions.new_totp_secret()
        actions.set_totp(user, secret, at=now)
        issuer = quote(settings.MFA_TOTP_ISSUER)
        self.stdout.write(f"{secret}\notpauth://totp/{quote(user.username)}?secret={secret}&issuer={issuer}")

    def _active(self, options: dict[str, Any], now: datetime) -> None:
        user = actions.set_active(user=_user(options["username"]), is_active=options["state"] == "yes", at=now)
        self.stdout.write(f"{user.username}: {'may' if user.is_active else 'may no longer'} sign in.")

    def _list(self, options: dict[str, Any], now: datetime) -> None:
        today = localdate(now)
        roles: dict[int, list[str]] = {}
        for held in queries.roles_on(today).order_by("role", "unit_code"):
            roles.setdefault(held.user_id, []).append(f"{held.role} {held.unit_code}".strip())
        for user in User.objects.all():
            state = "" if user.is_active else " (not active)"
            self.stdout.write(f"{user.username}\t{user.full_name}{state}\t{', '.join(roles.get(user.pk, ['-']))}")

    def _units(self, options: dict[str, Any], now: datetime) -> None:
        for unit in queries.units_on(localdate(now)).values():
            self.stdout.write(f"{unit.code}\t{unit.name}")

    def _tell(self, password: str, options: dict[str, Any]) -> None:
        if not options["password_stdin"]:
            self.stdout.write(f"Password: {password}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text}: no day; write one such as 2023-07-01") from None


def _user(username: str) -> User:
    try:
        return User.objects.get(username=username)
    except User.DoesNotExist:
        raise actions.OrganisationError(f"Nobody has the user name {username}. See: diem06 person list") from None


def _password(options: dict[str, Any]) -> str:
    return sys.stdin.readline().rstrip("\n") if options["password_stdin"] else secrets.token_urlsafe(12)
