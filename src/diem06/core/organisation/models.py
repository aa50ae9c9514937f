from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from diem06.core.access import Role


class UserManager(BaseUserManager["User"]):
    """People are made by `actions.add_person`; this only finds them."""


class User(AbstractBaseUser):
    """
    A person who may sign in. Never deleted, only made inactive: the trail names people by id.

    No mail address and no telephone number are kept: a forgotten password is set anew by the operator.
    """

    username = models.CharField(
        _("tên đăng nhập"),
        max_length=40,
        unique=True,
        validators=[
            RegexValidator(
                r"^[a-z0-9][a-z0-9._-]{1,39}\Z",
                _("Dùng 2 đến 40 chữ thường không dấu, chữ số, dấu chấm, gạch nối hoặc gạch dưới."),
            )
        ],
    )
    full_name = models.CharField(_("họ và tên"), max_length=100)
    sort_key = models.CharField(max_length=600, help_text="Given name first, in the order of the Vietnamese alphabet.")
    language = models.CharField(max_length=2, default="vi", choices=[("vi", _("Tiếng Việt")), ("en", _("Tiếng Anh"))])
    is_active = models.BooleanField(default=True)
    tours_seen = models.JSONField(default=list, blank=True, help_text="Names of the tours that were taken or skipped.")

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["full_name"]
    EMAIL_FIELD = ""

    objects = UserManager()

    class Meta:
        ordering = ["sort_key", "id"]

    def __str__(self) -> str:
        return self.full_name

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        """The given name, which is how one is addressed in Vietnam."""
        return self.full_name.split()[-1]


class Unit(models.Model):
    """
    An organisation unit as the plan data knows it.

    A row of kind `commune_committee_rule` is no unit itself: it stands for one committee per commune inside `area_code`,
    made by `queries.units_on` from the area list of the day, so that the two never differ.
    """

    code = models.CharField(max_length=40, unique=True)
    key = models.CharField(max_length=12, unique=True, help_text="Stands for the code in figure keys.")
    plan_id = models.CharField(max_length=60, help_text="The plan whose data brought it last.")
    order = models.PositiveIntegerField(help_text="Its place in the plan data.")
    name_en = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    level = models.CharField(max_length=10)
    area_code = models.CharField(max_length=10, blank=True)
    parent_code = models.CharField(max_length=40, blank=True)
    head_title = models.CharField(max_length=60, blank=True)
    signs = models.JSONField(default=list, help_text="Ways of signing: lists of lines.")
    symbol = models.CharField(max_length=40, blank=True)
    header = models.JSONField(default=list, help_text="Superior body, issuing body.")
    reports = models.CharField(max_length=10, default="no")
    valid_from = models.DateField(null=True, help_text="None: there on the plan's day.")
    valid_to = models.DateField(null=True, help_text="The last day.")
    successor_code = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True) | Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="organisation_unit_days",
            ),
            models.CheckConstraint(
                condition=Q(reports__in=["yes", "no", "if_listed"]), name="organisation_unit_reports"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class UnitName(models.Model):
    """The name of a unit from a day on (None: since the plan's day or before)."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="names")
    from_day = models.DateField(null=True)
    name = models.CharField(max_length=200)
    short = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "from_day"], name="organisation_unitname_identity"),
            models.UniqueConstraint(
                fields=["unit"], condition=Q(from_day__isnull=True), name="organisation_unitname_one_first"
            ),
        ]

    def __str__(self) -> str:
        return self.name


ROLES_IN_A_UNIT = (Role.UNIT_HEAD.value, Role.UNIT_REPORTER.value)


class RoleAssignment(models.Model):
    """
    A person holds a role, in a unit, from `from_day` until before `to_day` (None: until further notice).

    Units and areas are named by code: a role goes on when a code gets a new name. It does not pass to the successor of
    a unit; who works there is decided anew.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="roles")
    role = models.CharField(max_length=20, choices=[(role.value, role.label) for role in Role])
    unit_code = models.CharField(max_length=40, blank=True)
    area_code = models.CharField(max_length=10, blank=True)
    from_day = models.DateField()
    to_day = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "unit_code", "area_code", "from_day"], name="organisation_role_identity"
            ),
            models.UniqueConstraint(
                fields=["user", "role", "unit_code", "area_code"],
                condition=Q(to_day__isnull=True),
                name="organisation_role_one_open",
            ),
            models.CheckConstraint(
                condition=Q(to_day__isnull=True) | Q(to_day__gte=F("from_day")), name="organisation_role_days"
            ),
            models.CheckConstraint(condition=Q(role__in=[role.value for role in Role]), name="organisation_role_known"),
            models.CheckConstraint(
                condition=~Q(role__in=ROLES_IN_A_UNIT) | ~Q(unit_code=""), name="organisation_role_in_its_unit"
            ),
        ]
        indexes = [models.Index(fields=["unit_code", "role"], name="organisation_role_unit")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.unit_code}"


class Handover(models.Model):
    """
    The work of one person went to another: roles from `day` on, open work at once. `units` None: all of it, else what concerns them.

    `roles` and `parts` say what it was: lists of {title, count}, the titles in each language of the screens.
    """

    from_person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="handed_over")
    to_person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="taken_over")
    units = models.JSONField(null=True)
    day = models.DateField()
    roles = models.JSONField(default=list)
    parts = models.JSONField(default=list)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(from_person=F("to_person")), name="organisation_handover_to_another_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_person_id} -> {self.to_person_id} {self.day}"


LONGEST_TITLE, LONGEST_QUERY = 80, 1000


class SavedView(models.Model):
    """A list as one person wants it: `query` is the part of its address after `?`. The default one is where the menu leads."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=60, help_text="Name of the URL.")
    title = models.CharField(max_length=LONGEST_TITLE)
    query = models.CharField(max_length=LONGEST_QUERY)
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ["title", "id"]
        constraints = [
            models.UniqueConstraint(fields=["person", "page", "title"], name="organisation_savedview_title_once"),
            models.UniqueConstraint(
                fields=["person", "page"], condition=Q(is_default=True), name="organisation_savedview_one_default"
            ),
            models.CheckConstraint(condition=~Q(title="") & ~Q(query=""), name="organisation_savedview_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.page} {self.title}"


class WeeklyUse(models.Model):
    """How often people of a unit opened a page in a week. No person: it shows which pages and charts are of use, not who works."""

    unit_code = models.CharField(max_length=40, blank=True, help_text="Empty: people of the whole province.")
    page = models.CharField(max_length=60, help_text="Name of the URL.")
    week = models.DateField(help_text="Its Monday.")
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["week", "unit_code", "page"], name="organisation_weeklyuse_identity"),
        ]

    def __str__(self) -> str:
        return f"{self.week} {self.unit_code} {self.page}: {self.count}"
