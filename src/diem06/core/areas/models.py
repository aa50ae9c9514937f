from django.db import models
from django.db.models import F, Q

from diem06.plan.model import Level


class Area(models.Model):
    """
    One administrative area between two changes of its name, type or extent. Days are half-open: [valid_from, valid_to).

    A new parent alone makes no new row, see `AreaParent`.
    """

    code = models.CharField(max_length=10)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, help_text="The first day on which it is no more; None: still there.")
    level = models.CharField(max_length=10, choices=[(level.value, level.value) for level in Level])
    type = models.CharField(max_length=30)
    name = models.CharField(max_length=120, help_text="With its type, as written in the list of the day.")
    area_km2 = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    population = models.PositiveIntegerField(null=True)
    population_basis = models.CharField(max_length=200, blank=True, help_text="Source and date of the two figures.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="areas_area_identity"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="areas_area_days"
            ),
            models.CheckConstraint(condition=Q(level__in=[level.value for level in Level]), name="areas_area_level"),
            # A code has one area without an end; that no two rows of a code overlap is checked when a list is loaded.
            models.UniqueConstraint(fields=["code"], condition=Q(valid_to__isnull=True), name="areas_area_one_current"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name} ({self.valid_from:%d/%m/%Y})"


class AreaParent(models.Model):
    """In which area an area lies, from `from_day` until before `to_day` (None: still)."""

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="parents")
    parent = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="parts")
    from_day = models.DateField()
    to_day = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["area", "from_day"], name="areas_areaparent_identity"),
            models.CheckConstraint(
                condition=Q(to_day__isnull=True) | Q(to_day__gt=F("from_day")), name="areas_areaparent_days"
            ),
            models.CheckConstraint(condition=~Q(parent=F("area")), name="areas_areaparent_not_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.area_id} in {self.parent_id} from {self.from_day}"


class Succession(models.Model):
    """What `old` became on the day `effective`: the share of the OLD area, of its people and of its land, that `new` took."""

    effective = models.DateField()
    old = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="successions")
    new = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="origins")
    share_population = models.DecimalField(max_digits=7, decimal_places=6)
    share_area = models.DecimalField(max_digits=7, decimal_places=6)
    basis = models.CharField(max_length=20, help_text="official, press or derived: the weaker one of the two shares.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["old", "new"], name="areas_succession_identity"),
            models.CheckConstraint(
                condition=Q(share_population__gte=0, share_population__lte=1, share_area__gte=0, share_area__lte=1),
                name="areas_succession_shares",
            ),
            models.CheckConstraint(condition=~Q(new=F("old")), name="areas_succession_not_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.old_id} -> {self.new_id} on {self.effective}"
