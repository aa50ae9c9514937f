"""
Visits, hand counts, and who is inside.

What an event said is never rewritten: a row of one event keeps its times and places, and what other events found out later about a
visit is added to it (its exit, how it was closed). Identities are sealed beside the statistics, and go after the site's days of retention.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from diem06.core.places.models import Place
from diem06.core.roster.facts import FactRow

ALARM_LEVELS = (0, 70, 85, 95, 100)
"""Percent of the capacity; 0: no alarm."""


class How(models.TextChoices):
    """How it is known who came in."""

    CARD_QR = "card_qr", _("Quét mã QR trên thẻ hoặc VNeID")
    MRZ = "mrz", _("Quét hộ chiếu")
    TYPED = "typed", _("Nhập tay giấy tờ")
    GROUP = "group", _("Đoàn: một người có giấy tờ, còn lại đếm")


class ClosedBy(models.TextChoices):
    """Why a visit is not open any more. Only `exit` is a real exit; the others are inferred, or take the visit back."""

    EXIT = "exit", _("Quét ra")
    TIMEOUT = "timeout", _("Quá giờ tham quan")
    ELSEWHERE = "elsewhere", _("Quét vào nơi khác")
    RESET = "reset", _("Hết ngày")
    ANNULLED = "annulled", _("Thu hồi")


OPEN = ""
INFERRED = (ClosedBy.TIMEOUT, ClosedBy.ELSEWHERE, ClosedBy.RESET)


class VisitQuerySet(models.QuerySet["Visit"]):
    def open(self) -> VisitQuerySet:
        """Keep the visits of people who are still inside, as far as is known."""
        return self.filter(closed_by=OPEN)

    def standing(self) -> VisitQuerySet:
        """Keep the visits that were not taken back."""
        return self.exclude(closed_by=ClosedBy.ANNULLED)


class Visit(models.Model):
    """
    Somebody, or a group led by somebody, came into a site. `entered_at` is the device's word, unless its clock cannot be right.

    `people` counts all who came with the one whose document was read. `left_at` is known only of a real exit. `digest` finds the
    person again, `sealed` holds name and number; both are emptied by retention. Who has no document is a `HandCount`.
    """

    event_id = models.UUIDField(unique=True, help_text="of the desk's event that said so")
    exit_event_id = models.UUIDField(null=True, unique=True)
    site = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    point = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", null=True)
    gate = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", db_index=False)
    exit_gate = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    entered_at = models.DateTimeField()
    day = models.DateField(help_text="of the entry, in Vietnam")
    hour = models.PositiveSmallIntegerField()
    recorded_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="last sign of the person inside: the default stay runs from here")
    left_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=10, choices=ClosedBy.choices, blank=True, default=OPEN)
    closed_at = models.DateTimeField(null=True, help_text="when the system closed it; not when somebody left")
    how = models.CharField(max_length=10, choices=How.choices)
    people = models.PositiveIntegerField(default=1)
    birth_year = models.PositiveSmallIntegerField(null=True)
    sex = models.CharField(max_length=6, blank=True)
    birth_province = models.CharField(max_length=3, blank=True, help_text="of the citizen number: 001 to 096")
    nationality = models.CharField(max_length=3, blank=True)
    device_code = models.CharField(max_length=20, blank=True)
    digest = models.CharField(max_length=32, blank=True)
    sealed = models.BinaryField(null=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["site", "digest"], condition=Q(closed_by=OPEN) & ~Q(digest=""), name="heritage_visit_one_open"
            ),
            models.CheckConstraint(condition=Q(people__gte=1), name="heritage_visit_people"),
            models.CheckConstraint(condition=Q(hour__lte=23), name="heritage_visit_hour"),
            models.CheckConstraint(
                condition=Q(closed_by=OPEN, closed_at__isnull=True) | (~Q(closed_by=OPEN) & Q(closed_at__isnull=False)),
                name="heritage_visit_closed_whole",
            ),
            # Never shown as a real exit: only an exit has a time of leaving.
            models.CheckConstraint(
                condition=Q(closed_by=ClosedBy.EXIT, left_at__isnull=False, left_at__gte=F("entered_at"))
                | (~Q(closed_by=ClosedBy.EXIT) & Q(left_at__isnull=True)),
                name="heritage_visit_left_by_exit",
            ),
            models.CheckConstraint(condition=Q(closed_by__in=["", *ClosedBy.values]), name="heritage_visit_closed_by"),
            models.CheckConstraint(condition=Q(how__in=How.values), name="heritage_visit_how"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["digest", "entered_at"], condition=~Q(digest=""), name="heritage_visit_person"),
            models.Index(fields=["site", "seen_at"], condition=Q(closed_by=OPEN), name="heritage_visit_open"),
            # All that a history counts, so that a year of a busy site is read from the index alone.
            models.Index(
                fields=["site", "day", "closed_by", "birth_year", "sex", "birth_province", "nationality"],
                name="heritage_visit_history",
            ),
            models.Index(fields=["site", "day"], condition=Q(sealed__isnull=False), name="heritage_visit_sealed"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.day} {self.how}"

    @property
    def seal_context(self) -> str:
        return f"visit:{self.event_id}"


class Rescan(models.Model):
    """A scan of somebody who was inside already: it prolongs the visit, or was at two gates at once."""

    event_id = models.UUIDField(unique=True)
    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="rescans")
    gate = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    is_conflict = models.BooleanField(default=False)
    annulled_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.visit_id} {self.at}"


class LoneExit(models.Model):
    """An exit of which no entry is known. An entry that comes late, from a device without network, may still claim it (`visit`)."""

    event_id = models.UUIDField(unique=True)
    site = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", db_index=False)
    gate = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    people = models.PositiveIntegerField(default=1)
    digest = models.CharField(max_length=32, blank=True)
    visit = models.OneToOneField(Visit, on_delete=models.CASCADE, null=True, related_name="claimed_exit")
    annulled_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["digest", "at"], condition=~Q(digest=""), name="heritage_lone_exit_person"),
            models.Index(fields=["site", "at"], name="heritage_lone_exit_when"),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.at}"


class HandCount(models.Model):
    """
    People counted at a gate, in or out, without a document: nobody knows who they are, and they are kept apart from visits.

    `is_child`: children without a card, who came without a grown-up that was scanned.
    """

    event_id = models.UUIDField(unique=True)
    site = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", db_index=False)
    point = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    gate = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    day = models.DateField()
    hour = models.PositiveSmallIntegerField()
    is_in = models.BooleanField()
    is_child = models.BooleanField(default=False)
    people = models.PositiveIntegerField()
    was_counted_inside = models.BooleanField(default=True, help_text="False: it came after the day was reset")
    device_code = models.CharField(max_length=20, blank=True)
    annulled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(people__gte=1), name="heritage_handcount_people"),
            models.CheckConstraint(condition=Q(hour__lte=23), name="heritage_handcount_hour"),
        ]
        indexes: ClassVar = [models.Index(fields=["site", "day"], name="heritage_handcount_when")]

    def __str__(self) -> str:
        return f"{self.gate_id} {self.at} {'+' if self.is_in else '-'}{self.people}"


class Occupancy(models.Model):
    """
    Who is inside a place now, by method; kept in the transaction of each event. A row for each site, point and gate.

    `identified`: of visits whose document was read. `counted`: who came with them, and hand counts, in less out (below zero where
    people who were scanned in were counted out). `estimated`: what recounts corrected, less those counted in whose usual stay is over.
    Of a point or gate: who came in there and is still inside.
    """

    place = models.OneToOneField(Place, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    identified = models.IntegerField(default=0)
    counted = models.IntegerField(default=0)
    corrected = models.IntegerField(default=0, help_text="by recounts")
    presumed_gone = models.PositiveIntegerField(
        default=0, help_text="counted in, not out, and longer ago than a usual stay"
    )
    began_at = models.DateTimeField(help_text="the last day reset")
    counted_since = models.DateTimeField(help_text="the last day reset or recount: what was counted before is settled")
    capacity = models.PositiveIntegerField(null=True, help_text="as the register said when it was last asked")
    alarm = models.PositiveSmallIntegerField(default=0)
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(alarm__in=ALARM_LEVELS), name="heritage_occupancy_alarm"),
        ]

    def __str__(self) -> str:
        return f"{self.place_id}: {self.inside}"

    @property
    def estimated(self) -> int:
        return self.corrected - self.presumed_gone

    @property
    def inside(self) -> int:
        """Who is inside by all methods together; never below zero."""
        return max(0, self.identified + self.counted + self.estimated)


class HourTally(models.Model):
    """
    Entries and exits of one gate in one hour, by method. Kept in the transaction of each event; facts are published from it.

    `scanned_out` are real exits only. `is_unpublished`: something changed since the day's fact was published.
    """

    site = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", db_index=False)
    point = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    gate = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    hour = models.PositiveSmallIntegerField()
    scanned_in = models.IntegerField(default=0)
    counted_in = models.IntegerField(default=0)
    scanned_out = models.IntegerField(default=0)
    counted_out = models.IntegerField(default=0)
    is_unpublished = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["gate", "day", "hour"], name="heritage_tally_identity"),
            models.CheckConstraint(
                condition=Q(scanned_in__gte=0, counted_in__gte=0, scanned_out__gte=0, counted_out__gte=0),
                name="heritage_tally_not_negative",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["site", "day", "hour"], name="heritage_tally_when"),
            models.Index(fields=["site", "day"], condition=Q(is_unpublished=True), name="heritage_tally_unpublished"),
        ]

    def __str__(self) -> str:
        return f"{self.gate_id} {self.day} {self.hour}"


class DailyEntries(FactRow):
    """The fact `site_entries` of one site, day and method. Published from the tallies; a later state supersedes it."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["place", "day", "dimensions"],
                condition=Q(superseded_at__isnull=True),
                name="heritage_daily_one_current",
            ),
            models.CheckConstraint(condition=Q(value__gte=0), name="heritage_daily_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.day} {self.dimensions}: {self.value}"


class Recount(models.Model):
    """Somebody counted or estimated how many are inside; from then on the rest is reckoned from there. `found`: what the system thought."""

    event_id = models.UUIDField(null=True, unique=True)
    site = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    people = models.PositiveIntegerField()
    found = models.PositiveIntegerField()
    correction = models.IntegerField(help_text="what it added to `Occupancy.corrected`")
    reason = models.CharField(max_length=300, blank=True)
    device_code = models.CharField(max_length=20, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    annulled_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.site_id} {self.at}: {self.people}"


class DayReset(models.Model):
    """A site began a new day with nobody inside. What the day before left over tells how far the counts had drifted."""

    site = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    began_at = models.DateTimeField(help_text="when the new day began")
    done_at = models.DateTimeField()
    visits_closed = models.PositiveIntegerField()
    identified = models.IntegerField()
    counted = models.IntegerField()
    estimated = models.IntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["site", "began_at"], name="heritage_reset_identity"),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.began_at}"


class AlarmChange(models.Model):
    """The alarm of a site or point rose or fell."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", db_index=False)
    site = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    before = models.PositiveSmallIntegerField()
    after = models.PositiveSmallIntegerField()
    inside = models.PositiveIntegerField()
    capacity = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(before__in=ALARM_LEVELS, after__in=ALARM_LEVELS) & ~Q(before=F("after")),
                name="heritage_alarm_levels",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.at}: {self.before} -> {self.after}"


class Trace(models.Model):
    """Somebody asked who was at a site in a window, and why. Whom they saw stands in the audit trail."""

    site = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    purpose = models.CharField(max_length=300)
    is_whole = models.BooleanField(default=False, help_text="numbers were shown whole")
    found = models.PositiveIntegerField(help_text="visits with an identity")
    without_identity = models.PositiveIntegerField(help_text="visits of which none is known, or kept any more")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(last_at__gt=F("first_at")), name="heritage_trace_window"),
            models.CheckConstraint(condition=~Q(purpose=""), name="heritage_trace_purpose"),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.first_at} {self.last_at}"


class RetentionRun(models.Model):
    """Identities of one site were removed: up to which day, and of how many visits."""

    site = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    until_day = models.DateField(help_text="identities of entries before this day are gone")
    visits = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.site_id} {self.at}: {self.visits}"
