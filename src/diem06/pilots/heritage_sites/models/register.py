"""What is recorded of a site beside what every place has: capacity, rules, equipment, festivals; and the facts made of it."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from diem06.core.places.models import Place
from diem06.core.roster.facts import FactRow


class Capacity(models.Model):
    """
    How many people a site or point holds, from a day on.

    Either declared by a document, or computed from usable area and exits (`capacity.computed`).
    """

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    from_day = models.DateField()
    usable_area_m2 = models.PositiveIntegerField(null=True)
    persons_per_m2 = models.DecimalField(max_digits=4, decimal_places=2, default=Decimal(2))
    flow_per_metre_minute = models.PositiveSmallIntegerField(
        default=82, help_text="people per metre of exit and minute"
    )
    escape_minutes = models.DecimalField(max_digits=4, decimal_places=1, default=Decimal(5))
    declared = models.PositiveIntegerField(null=True)
    document = models.CharField(max_length=200, blank=True, help_text="number and day of the paper behind it")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["place", "from_day"], name="heritage_capacity_identity"),
            models.CheckConstraint(
                condition=(Q(declared__gt=0) & ~Q(document="") & Q(usable_area_m2__isnull=True))
                | Q(declared__isnull=True, usable_area_m2__gt=0),
                name="heritage_capacity_declared_or_computed",
            ),
            models.CheckConstraint(
                condition=Q(
                    persons_per_m2__gt=0, persons_per_m2__lte=4, flow_per_metre_minute__gt=0, escape_minutes__gt=0
                ),
                name="heritage_capacity_parameters",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.from_day}"


class Exit(models.Model):
    """A way out that a capacity counts with."""

    capacity = models.ForeignKey(Capacity, on_delete=models.CASCADE, related_name="exits")
    name = models.CharField(max_length=100, blank=True)
    width_m = models.DecimalField(max_digits=5, decimal_places=2, validators=[MinValueValidator(Decimal("0.1"))])

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(width_m__gt=0), name="heritage_exit_width")]
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.name} {self.width_m} m"


class SiteRule(models.Model):
    """How a site is run, from a day on; a site without a row goes by the defaults of these fields."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    from_day = models.DateField()
    retention_days = models.PositiveSmallIntegerField(default=30, help_text="after them, who was there is removed")
    default_stay_minutes = models.PositiveSmallIntegerField(
        default=120, help_text="after them, a visit is closed by rule"
    )
    reset_at = models.TimeField(default="00:00", help_text="when the count of a day begins anew")
    document = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["place", "from_day"], name="heritage_rule_identity"),
            models.CheckConstraint(
                condition=Q(retention_days__gte=1, default_stay_minutes__gte=1), name="heritage_rule_times"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.from_day}"


class Step(models.TextChoices):
    """How far the equipment of a site has come, in order. A site in scope without any is at `none` of the measure."""

    SURVEYED = "surveyed", _("Đã khảo sát")
    NEEDED = "needed", _("Đã xác định nhu cầu")
    BOUGHT = "bought", _("Đã mua")
    INSTALLED = "installed", _("Đã lắp đặt")
    CONFIRMED = "confirmed", _("Đã xác nhận sử dụng")


NO_STEP = "none"


class StepQuerySet(models.QuerySet["EquipmentStep"]):
    def current(self) -> StepQuerySet:
        """Keep the rows that nothing has superseded."""
        return self.filter(superseded_at=None)


class EquipmentStep(models.Model):
    """
    A step that the equipment of a site reached on a day. Rows are superseded, never changed: `replaced_by` is the corrected one.

    `quantity`: how many readers the step speaks of.
    """

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="equipment_steps")
    step = models.CharField(max_length=12, choices=Step.choices)
    day = models.DateField()
    quantity = models.PositiveSmallIntegerField(default=1)
    supplier = models.CharField(max_length=150, blank=True)
    make = models.CharField(max_length=100, blank=True)
    serial = models.CharField(max_length=200, blank=True)
    document = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    superseded_at = models.DateTimeField(null=True)
    supersede_reason = models.CharField(max_length=300, blank=True)
    replaced_by = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaces")

    objects = StepQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["place", "step"], condition=Q(superseded_at__isnull=True), name="heritage_step_once"
            ),
            models.CheckConstraint(condition=Q(step__in=Step.values), name="heritage_step_known"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="heritage_step_quantity"),
            models.CheckConstraint(
                condition=Q(superseded_at__isnull=True, supersede_reason="", replaced_by__isnull=True)
                | (Q(superseded_at__isnull=False) & ~Q(supersede_reason="")),
                name="heritage_step_superseded_with_reason",
            ),
        ]
        ordering: ClassVar = ["day", "id"]

    def __str__(self) -> str:
        return f"{self.place_id} {self.step} {self.day}"


class FestivalCalendar(models.TextChoices):
    """By which calendar the days of a festival are kept."""

    LUNAR = "lunar", _("Âm lịch")
    SOLAR = "solar", _("Dương lịch")


class Festival(models.Model):
    """A festival of a site that comes back each year, from its first to its last day. `ended_on`: not held from that day on."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=150)
    calendar = models.CharField(max_length=6, choices=FestivalCalendar.choices, default=FestivalCalendar.LUNAR)
    first_day = models.PositiveSmallIntegerField()
    first_month = models.PositiveSmallIntegerField()
    last_day = models.PositiveSmallIntegerField()
    last_month = models.PositiveSmallIntegerField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    ended_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(first_day__gte=1, first_day__lte=31, first_month__gte=1, first_month__lte=12)
                & Q(last_day__gte=1, last_day__lte=31, last_month__gte=1, last_month__lte=12),
                name="heritage_festival_days",
            ),
            models.CheckConstraint(
                condition=Q(calendar="solar") | Q(first_day__lte=30, last_day__lte=30),
                name="heritage_festival_lunar_days",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="heritage_festival_is_named"),
            # From the twelfth month into the first is the one way in which the last day may stand before the first.
            models.CheckConstraint(
                condition=Q(last_month__gt=F("first_month"))
                | Q(last_month=F("first_month"), last_day__gte=F("first_day"))
                | Q(first_month=12, last_month=1),
                name="heritage_festival_order",
            ),
        ]
        ordering: ClassVar = ["first_month", "first_day", "id"]

    def __str__(self) -> str:
        return self.name


class SiteFact(FactRow):
    """
    The state of a site in scope from a day on, as a fact of the measure `heritage_sites`: value 1 at its step, 0 out of scope.

    Made of base lists, terms and equipment steps by `actions.register`; `record` is the key of the site.
    """

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["record", "day"], condition=Q(superseded_at__isnull=True), name="heritage_fact_once_a_day"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["record"], name="heritage_fact_record")]

    def __str__(self) -> str:
        return f"{self.record} {self.day} {self.dimensions} {self.value}"
