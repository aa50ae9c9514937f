"""A unit's report that came as a Word file, and what was found in it: proposals, each beside its sentence."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from diem06.core.evidence.models import StoredFile
from diem06.reports.models.cycle import Report


class MailedReport(models.Model):
    """A .docx of a unit for one of its reports, as it was uploaded."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="mailed")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField()
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    conversions = models.JSONField(default=list, help_text="lines in an old font: [as they stood, as they were read]")

    class Meta:
        ordering: ClassVar = ["-read_at"]

    def __str__(self) -> str:
        return f"{self.report} {self.file.name}"


class ProposalState(models.TextChoices):
    """What the reporter said to a proposal. Nothing is saved before they say yes."""

    OPEN = "open", _("Chờ xác nhận")
    CONFIRMED = "confirmed", _("Đã nhận")
    REFUSED = "refused", _("Bỏ qua")


class Proposal(models.Model):
    """
    A number proposed for a cell (`cell`, a form name of `entry_form.field_name`), or a passage for a heading, beside the sentence
    that it was read in. `cell` may be empty where only the reporter can say which it is.
    """

    mailed = models.ForeignKey(MailedReport, on_delete=models.PROTECT, related_name="proposals")
    order = models.PositiveIntegerField()
    sentence = models.TextField()
    starts = models.PositiveIntegerField(default=0, help_text="where the number stands in the sentence")
    ends = models.PositiveIntegerField(default=0)
    cell = models.CharField(max_length=300, blank=True, default="")
    value = models.BigIntegerField(null=True, blank=True)
    heading = models.CharField(max_length=16, blank=True, default="")
    why = models.CharField(max_length=300, blank=True, default="", help_text="what made the reader think so")
    others = models.JSONField(default=list, help_text="form names of the next likely cells")
    state = models.CharField(max_length=10, choices=ProposalState.choices, default=ProposalState.OPEN)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None) | (~Q(state="open") & Q(decided_at__isnull=False)),
                name="proposal_decision_is_dated",
            ),
            models.CheckConstraint(
                condition=(Q(value__isnull=False) & Q(heading="")) | (Q(value=None) & ~Q(heading="")),
                name="proposal_is_a_number_or_a_passage",
            ),
        ]
        ordering: ClassVar = ["mailed", "order"]

    def __str__(self) -> str:
        return self.sentence[:40]
