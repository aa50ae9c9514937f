"""Places: service and guidance points, sites, facilities, businesses. What one kind alone has stands in its pilot."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from diem06.core.evidence.models import StoredFile


class Place(models.Model):
    """
    A place, from `valid_from` until before `valid_to` (None: until further notice). What may change stands in its terms.

    A place may lie in another: a gate in a point, a point in a site. Facts name it by `key`.
    """

    kind = models.CharField(max_length=30, help_text="a PlaceKind of the roster")
    code = models.CharField(max_length=32, help_text="unique in its kind, a-z, digits and hyphens")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="parts")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "code"], name="places_place_identity"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="places_place_days"
            ),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="places_place_not_in_itself"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        """What facts and addresses call it: `heritage_site:tay-yen-tu`."""
        return f"{self.kind}:{self.code}"


class PlaceTerm(models.Model):
    """What holds of a place from a day on: its name, where it lies, which unit answers for it. A change is a new row."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="terms")
    from_day = models.DateField()
    name = models.CharField(max_length=200)
    search_key = models.CharField(max_length=420, db_index=True, help_text="name and address, folded")
    sort_key = models.CharField(max_length=1200)
    area_code = models.CharField(max_length=10)
    area_valid_from = models.DateField()
    unit_code = models.CharField(max_length=40)
    address = models.CharField(max_length=200, blank=True)
    latitude = models.DecimalField(max_digits=8, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    document = models.CharField(max_length=200, blank=True, help_text="number and day of the paper behind it")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["place", "from_day"], name="places_term_identity"),
            models.CheckConstraint(condition=~Q(name=""), name="places_term_has_a_name"),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__gte=-90, latitude__lte=90, longitude__gte=-180, longitude__lte=180),
                name="places_term_position",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["unit_code"], name="places_term_unit")]

    def __str__(self) -> str:
        return f"{self.name} ({self.from_day})"


class OpeningHours(models.Model):
    """When a place is open on a day of the week (0 Monday), from a day on. No row for a day: closed; no rows at all: not known."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="hours")
    from_day = models.DateField()
    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["place", "from_day", "weekday", "opens"], name="places_hours_identity"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="places_hours_weekday"),
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="places_hours_order"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens}-{self.closes}"


class BaseListQuerySet(models.QuerySet["BaseList"]):
    def standing(self) -> BaseListQuerySet:
        """Keep the lists that were not taken back."""
        return self.filter(withdrawn_at=None)


class BaseList(models.Model):
    """
    The list of places in scope of a plan's list, by its document, from a day on; a later one replaces it whole.

    One that was adopted by mistake is taken back with a reason: it stays as a row, and nothing is in scope by it any more.
    """

    plan_id = models.CharField(max_length=60)
    scope_list = models.CharField(max_length=40, help_text="code of the plan's scope list")
    from_day = models.DateField()
    number = models.CharField(max_length=60, help_text="of the document")
    signed_on = models.DateField()
    title = models.CharField(max_length=300)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    places: models.ManyToManyField[Place, BaseListEntry] = models.ManyToManyField(
        Place, through="BaseListEntry", related_name="base_lists"
    )
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    withdraw_reason = models.CharField(max_length=300, blank=True)

    objects = BaseListQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["plan_id", "scope_list", "from_day"],
                condition=Q(withdrawn_at__isnull=True),
                name="places_baselist_one_a_day",
            ),
            models.CheckConstraint(condition=Q(signed_on__lte=F("from_day")), name="places_baselist_signed_before"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdraw_reason="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdraw_reason="")),
                name="places_baselist_taken_back_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} ({self.from_day})"


class BaseListEntry(models.Model):
    """A place stands in a base list."""

    base_list = models.ForeignKey(BaseList, on_delete=models.CASCADE, related_name="entries")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    order = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["base_list", "place"], name="places_entry_identity"),
        ]

    def __str__(self) -> str:
        return f"{self.base_list_id}: {self.place_id}"
