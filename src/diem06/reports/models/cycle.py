"""The report of a unit: where it is, who did what to it, what was written in it, and each version that was accepted."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from diem06.core.evidence.models import StoredFile
from diem06.core.plans.models import Period


class ReportState(models.TextChoices):
    """Where a report is. Lateness is judged by the first approval alone."""

    OPEN = "open", pgettext_lazy("report state", "Mở")
    DRAFT = "draft", _("Đang nhập")
    SUBMITTED = "submitted", _("Đã trình")
    RETURNED = "returned", _("Trả lại")
    APPROVED = "approved", _("Đã duyệt")
    ACCEPTED = "accepted", _("Đã tiếp nhận")


APPROVED_STATES = (ReportState.APPROVED, ReportState.ACCEPTED)


class Report(models.Model):
    """
    The report of one unit for one period.

    The head's approval is a signed document: its number, the day and hour of its arrival, the PDF where it was uploaded. A
    return or a correction takes the approval of this version away and leaves `first_approved_at`. `open_until` is set when
    the standing office lets a unit edit after the lock. The events tell the whole story.
    """

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="reports")
    unit = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=ReportState.choices, default=ReportState.OPEN)
    version = models.PositiveIntegerField(default=1, help_text="the version that is being made, or was accepted last")
    first_saved_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    first_approved_at = models.DateTimeField(null=True, blank=True)
    approval_number = models.CharField(max_length=64, blank=True, default="")
    approved_at = models.DateTimeField(null=True, blank=True)
    approval_recorded_at = models.DateTimeField(null=True, blank=True)
    approval_recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    approval_file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    open_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["period", "unit"], name="report_once_per_unit_and_period"),
            models.CheckConstraint(
                condition=(
                    Q(
                        state__in=["approved", "accepted"],
                        approved_at__isnull=False,
                        approval_recorded_at__isnull=False,
                        first_approved_at__isnull=False,
                    )
                    & ~Q(approval_number="")
                )
                | (
                    ~Q(state__in=["approved", "accepted"])
                    & Q(approved_at=None, approval_recorded_at=None, approval_number="", approval_file=None)
                ),
                name="report_approval_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(accepted_at__isnull=False), name="report_acceptance_is_dated"
            ),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(submitted_at__isnull=False), name="report_submission_is_dated"
            ),
        ]
        ordering: ClassVar = ["period", "unit"]

    def __str__(self) -> str:
        return f"{self.unit} {self.period.code}"

    @property
    def is_approved(self) -> bool:
        """Does the head's approval stand for what the report says now, accepted or not?"""
        return self.state in APPROVED_STATES

    @property
    def is_late(self) -> bool:
        """Was it first approved too late? A report never approved is missing, not late."""
        return self.first_approved_at is not None and self.first_approved_at >= self.period.due_at

    def may_be_edited(self, at: datetime) -> bool:
        """
        May its unit still change it: before the lock, or until the day that the standing office gave.

        What was accepted is fixed: a correction begins a new version first.
        """
        if self.state == ReportState.ACCEPTED:
            return False
        return self.is_within_time(at)

    def is_within_time(self, at: datetime) -> bool:
        """Is the lock still ahead, or was the report opened again until later?"""
        return at < self.period.lock_at or (self.open_until is not None and at < self.open_until)


class EventKind(models.TextChoices):
    """What happens to a report as a whole."""

    SUBMITTED = "submitted", _("Trình người đứng đầu")
    RETURNED_BY_HEAD = "returned_head", _("Người đứng đầu trả lại")
    APPROVED = "approved", _("Duyệt")
    RETURNED_BY_OFFICE = "returned_office", _("Cơ quan thường trực trả lại")
    ACCEPTED = "accepted", _("Tiếp nhận")
    CORRECTION = "correction", _("Bắt đầu bản sửa")
    REOPENED = "reopened", _("Mở lại sau hạn sửa")


class ReportEvent(models.Model):
    """One step of a report, with who and when. Events are only added."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="events")
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=EventKind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=1000, blank=True, default="")
    number = models.CharField(max_length=64, blank=True, default="")
    approved_at = models.DateTimeField(null=True, blank=True, help_text="hour of the signed document")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(kind__in=["returned_head", "returned_office", "correction"]) | ~Q(reason=""),
                name="report_event_has_its_reason",
            ),
        ]
        ordering: ClassVar = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.report} {self.kind}"


class Remark(models.Model):
    """
    What must be put right in one cell (`cell`, a form name of `entry_form.field_name`) or under one heading of a returned
    report. It stands until the cell is changed or the unit answers it.
    """

    event = models.ForeignKey(ReportEvent, on_delete=models.PROTECT, related_name="remarks")
    cell = models.CharField(max_length=300, blank=True, default="")
    heading = models.CharField(max_length=16, blank=True, default="")
    text = models.CharField(max_length=500)
    answer = models.CharField(max_length=500, blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(text=""), name="remark_says_something"),
            models.CheckConstraint(condition=Q(cell="") | Q(heading=""), name="remark_has_one_place"),
        ]
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.text[:40]


class ReportVersion(models.Model):
    """
    A version of a report that was accepted: it is what stood at `as_of`, and can be read so for ever.

    Its values are `DeclaredValue.objects.known_at(as_of)`, its words `Narrative.every.known_at(as_of)`.
    """

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    as_of = models.DateTimeField()
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approval_number = models.CharField(max_length=64)
    approved_at = models.DateTimeField()
    approval_file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=1000, blank=True, default="", help_text="why this version corrects the last")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "number"], name="report_version_once"),
            models.CheckConstraint(condition=Q(number=1) | ~Q(reason=""), name="report_correction_has_a_reason"),
        ]
        ordering: ClassVar = ["report", "number"]

    def __str__(self) -> str:
        return f"{self.report} v{self.number}"


class Heading(models.TextChoices):
    """The parts of a unit's narrative, in the order of the report."""

    DONE = "done", _("Kết quả đã làm trong kỳ")
    GOOD = "good", _("Ưu điểm")
    SHORTCOMINGS = "shortcomings", _("Tồn tại, hạn chế")
    DIFFICULTIES = "difficulties", _("Khó khăn, vướng mắc")
    CAUSES = "causes", _("Nguyên nhân")
    NEXT_MONTH = "next_month", _("Nhiệm vụ trọng tâm tháng tiếp theo")
    PROPOSALS = "proposals", _("Kiến nghị, đề xuất")


class NarrativeQuerySet(models.QuerySet):
    def known_at(self, at: datetime) -> NarrativeQuerySet:
        """Keep the texts as they stood at `at`."""
        return self.filter(Q(superseded_at=None) | Q(superseded_at__gt=at), saved_at__lte=at)


class CurrentNarratives(models.Manager):
    """The texts as they stand: what `objects` and `report.narratives` mean."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(superseded_at=None)


class Narrative(models.Model):
    """
    What a unit wrote under one heading of its report, in one version. An empty text is a heading nobody wrote.

    Rows are never changed: a new text supersedes the old row. `objects` are the current ones, `every` all.
    """

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="narratives")
    heading = models.CharField(max_length=16, choices=Heading.choices)
    text = models.TextField(blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = CurrentNarratives()
    every = NarrativeQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["report", "heading"], condition=Q(superseded_at=None), name="narrative_one_current_per_heading"
            ),
            models.UniqueConstraint(fields=["report", "heading", "version"], name="narrative_version_once"),
        ]
        ordering: ClassVar = ["report", "heading", "version"]

    def __str__(self) -> str:
        return f"{self.report} {self.heading}"


class Attachment(models.Model):
    """A file that a unit sends with its report. `removed_at`: the unit took it out again; what was accepted keeps it."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="attachments")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    attached_at = models.DateTimeField()
    attached_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["attached_at"]

    def __str__(self) -> str:
        return self.title


class Handout(models.Model):
    """
    A district's switch: its communes fill in their own rows of its grid. Off unless a row says on; the district stays
    accountable, and its report holds the values.
    """

    plan_id = models.CharField(max_length=64)
    unit = models.CharField(max_length=64)
    handed_out_at = models.DateTimeField()
    handed_out_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["plan_id", "unit"], condition=Q(taken_back_at=None), name="handout_one_open_per_unit"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.handed_out_at.isoformat()}"


class SavedRequest(models.Model):
    """A request that was answered, so that a client that repeats it gets the same answer and changes nothing."""

    key = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    request_hash = models.CharField(max_length=64)
    answer = models.JSONField()
    saved_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key
