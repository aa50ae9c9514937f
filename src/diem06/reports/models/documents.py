"""What leaves the system: compiled texts, and files as they were issued, sent and signed."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from diem06.core.evidence.models import StoredFile
from diem06.core.plans.models import Period
from diem06.reports.models.cycle import Narrative


class Use(models.TextChoices):
    """What the office does with a unit's text when it compiles."""

    OWN = "own", _("Dùng nguyên văn")
    FOLDED = "folded", _("Gộp vào đoạn khác")
    LEFT_OUT = "left_out", _("Không đưa vào")


class NarrativeUse(models.Model):
    """
    The office's choice for one version of one unit's text. Where the unit writes again, the new version has no choice yet.

    A folded text stands under `folded_into`, the text that says the same; its unit is named there.
    """

    narrative = models.OneToOneField(Narrative, on_delete=models.PROTECT, related_name="use")
    use = models.CharField(max_length=10, choices=Use.choices)
    folded_into = models.ForeignKey(Narrative, on_delete=models.PROTECT, null=True, related_name="folded")
    chosen_at = models.DateTimeField()
    chosen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(use="folded", folded_into__isnull=False) | (~Q(use="folded") & Q(folded_into=None)),
                name="narrative_use_folds_into_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.narrative} {self.use}"


class CompiledText(models.Model):
    """
    What the office wrote itself for one section of the compiled report of a period, in place of the units' texts.

    `section` is a heading, or a heading and a pilot («done:M6»). Refreshing figures never touches it. `sources` are the ids
    of the units' texts that it was written from: where one of them is superseded, the page says so. Rows are only added.
    """

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="compiled_texts")
    section = models.CharField(max_length=64)
    text = models.TextField(blank=True, default="", help_text="empty: the units' texts stand again")
    sources = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["period", "section"], condition=Q(superseded_at=None), name="compiled_text_one_current"
            ),
            models.UniqueConstraint(fields=["period", "section", "version"], name="compiled_text_version_once"),
        ]
        ordering: ClassVar = ["period", "section", "version"]

    def __str__(self) -> str:
        return f"{self.period} {self.section} v{self.version}"


class IssuedDocument(models.Model):
    """
    A file that left the system: what stood under each tag, so that a file that comes back can be checked.

    `kind` is a report kind of the plan, or `unit` (a unit's own report), `urging` («công văn đôn đốc»), `withdrawal`, `briefing`.
    `sent_at` freezes it: number and day are fixed, `file` holds the very bytes, `signed_file` the signed PDF. A sent document is
    never changed: what takes its place, or takes it back, is another document that `replaces` it and says why.
    """

    id = models.UUIDField(primary_key=True)
    plan_id = models.CharField(max_length=64)
    period = models.CharField(max_length=11)
    kind = models.CharField(max_length=16)
    unit = models.CharField(max_length=64, blank=True, default="", help_text="of a unit's own report")
    revision = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    sha256 = models.CharField(max_length=64)
    tags = models.JSONField(help_text="short id -> [tag, text] of every content control")
    number = models.CharField(max_length=64, blank=True, default="")
    signed_on = models.DateField(null=True, blank=True)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    signed_file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    reason = models.CharField(max_length=500, blank=True, default="", help_text="why it replaces the other one")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(replaces=None) | ~Q(reason=""), name="document_replacing_says_why"),
            models.CheckConstraint(
                condition=Q(signed_file=None) | Q(sent_at__isnull=False), name="document_signed_was_sent"
            ),
            models.CheckConstraint(
                condition=Q(sent_at=None) | (Q(file__isnull=False, signed_on__isnull=False) & ~Q(number="")),
                name="document_sent_is_whole",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["plan_id", "period", "kind"], name="document_by_period")]
        ordering: ClassVar = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.period} r{self.revision}"
