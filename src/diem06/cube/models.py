"""What the cube must remember: which facts have changed, which revisions were handed out, what was closed, what wants a second look, what came in packets."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from diem06.core.evidence.models import StoredFile
from diem06.core.plans.models import Period
from diem06.cube.closing.canonical import FIGURE_FIELDS
from diem06.cube.closing.links import LINK_FIELDS, KeyLink
from diem06.cube.closing.seal import SEAL_FIELDS, AreaDigest, MeasureDigest, Seal, restatement_record


class ChangedFacts(models.Model):
    """
    A counter per source and leaf of time (see `leaves`), bumped in the transaction that changes a fact of the source dated there.

    `stamp` is drawn anew with every change: two databases whose counters are equal by chance, a restored one among them, still
    differ. A row without a source holds the changes from before counters were kept by source.
    """

    source = models.CharField(max_length=32, blank=True)
    first_day = models.DateField()
    changes = models.PositiveBigIntegerField(default=0)
    stamp = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "first_day"], name="changes_once_per_source_and_leaf"),
            models.CheckConstraint(
                condition=models.Q(first_day__day__in=[1, 15]), name="changes_leaf_begins_on_1_or_15"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.first_day}: {self.changes}"


class Revision(models.Model):
    """
    A state of the figures of a window that left the system, in a file or a list.

    `changes` and `bundle` say of which facts and which plan; the same ones have one revision.
    """

    plan_id = models.CharField(max_length=64)
    window = models.CharField(max_length=11)
    number = models.PositiveIntegerField()
    known_at = models.DateTimeField()
    changes = models.PositiveBigIntegerField()
    bundle = models.PositiveBigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan_id", "window", "number"], name="revision_number_once"),
            models.UniqueConstraint(fields=["plan_id", "window", "changes", "bundle"], name="revision_state_once"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="revision_counts_from_1"),
        ]
        ordering: ClassVar = ["plan_id", "window", "number"]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.window} r{self.number}"


# -- closing («chốt số liệu»): rows that triggers guard against change and deletion (`closing/triggers.py`) -------------------
class Closing(models.Model):
    """
    A period that was closed: what its seal states, and the signature.

    The columns are those of `seal.Seal`. `closed_by` of the seal is a pseudonym; `person` is who it stands for. A seal of version 1
    has no restatements.
    """

    number = models.PositiveIntegerField()
    plan = models.CharField(max_length=64)
    plan_version = models.CharField(max_length=32)
    plan_hash = models.CharField(max_length=64)
    calendar = models.CharField(max_length=8)
    period = models.CharField(max_length=7)
    first_day = models.DateField()
    last_day = models.DateField()
    facts_from = models.DateField()
    closed_at = models.DateTimeField()
    closed_by = models.CharField(max_length=64, null=True)
    revision = models.PositiveIntegerField()
    facts = models.PositiveBigIntegerField()
    facts_root = models.CharField(max_length=64)
    figures = models.PositiveIntegerField()
    figures_root = models.CharField(max_length=64)
    public_key = models.CharField(max_length=64)
    previous = models.CharField(max_length=64, null=True)
    restatements = models.PositiveIntegerField(null=True)
    restatements_root = models.CharField(max_length=64, null=True)
    late_facts = models.PositiveBigIntegerField(null=True)
    late_facts_root = models.CharField(max_length=64, null=True)
    hash = models.CharField(max_length=64)
    signature = models.CharField(max_length=88)
    of = models.OneToOneField(Period, on_delete=models.PROTECT, related_name="closing")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "number"], name="closing_number_once"),
            models.UniqueConstraint(fields=["plan", "period"], name="closing_once_per_period"),
            models.UniqueConstraint(fields=["plan", "previous"], name="closing_follows_once"),
            models.CheckConstraint(
                condition=models.Q(number=1, previous__isnull=True) | models.Q(number__gt=1, previous__isnull=False),
                name="closing_holds_on_to_the_one_before",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    restatements__isnull=True,
                    restatements_root__isnull=True,
                    late_facts__isnull=True,
                    late_facts_root__isnull=True,
                )
                | models.Q(
                    restatements__isnull=False,
                    restatements_root__isnull=False,
                    late_facts__isnull=False,
                    late_facts_root__isnull=False,
                ),
                name="closing_restates_whole_or_not",
            ),
        ]
        ordering: ClassVar = ["plan", "number"]

    def __str__(self) -> str:
        return f"{self.plan} {self.period}: seal {self.number}"

    @property
    def seal(self) -> Seal:
        """What the row states, as it is hashed and signed."""
        return Seal(**{name: getattr(self, name) for name in SEAL_FIELDS})


class ClosedMeasure(models.Model):
    """The digest of a measure's facts in a closed period; `areas` holds [code, first day, facts, root] of each area."""

    closing = models.ForeignKey(Closing, on_delete=models.PROTECT, related_name="measures")
    measure = models.CharField(max_length=64)
    facts = models.PositiveBigIntegerField()
    root = models.CharField(max_length=64)
    areas = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["closing", "measure"], name="closed_measure_once"),
        ]
        ordering: ClassVar = ["closing", "measure"]

    def __str__(self) -> str:
        return f"{self.closing_id} {self.measure}: {self.root[:8]}"

    @property
    def digest(self) -> MeasureDigest:
        """The row as it was hashed."""
        areas = (
            AreaDigest(measure=self.measure, area=area, valid_from=valid_from, facts=facts, root=root)
            for area, valid_from, facts, root in self.areas
        )
        return MeasureDigest(measure=self.measure, facts=self.facts, root=self.root, areas=tuple(areas))


class ClosedFigure(models.Model):
    """
    A figure as it was closed. Null is «not known»; `value` and `target` are exact decimals as text.

    `code`, `area` and `unit` (its whole code) are those of the key, to be looked for.
    """

    closing = models.ForeignKey(Closing, on_delete=models.PROTECT, related_name="closed_figures")
    key = models.CharField(max_length=48)
    code = models.CharField(max_length=24)
    area = models.CharField(max_length=10, blank=True)
    unit = models.CharField(max_length=64, blank=True)
    numerator = models.BigIntegerField(null=True)
    denominator = models.BigIntegerField(null=True)
    value = models.CharField(max_length=64, null=True)
    target = models.CharField(max_length=64, null=True)
    grade = models.CharField(max_length=10, null=True)
    standing = models.CharField(max_length=14)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["closing", "key"], name="closed_figure_once"),
        ]
        ordering: ClassVar = ["closing", "id"]

    def __str__(self) -> str:
        return self.key


class SealedRestatement(models.Model):
    """
    A figure of an earlier closed period that was restated when `closing` was sealed.

    `key` is that of the closed figure; `was` and `now` hold numerator, denominator, value, target, grade and standing, as text.
    """

    closing = models.ForeignKey(Closing, on_delete=models.PROTECT, related_name="sealed_restatements")
    period = models.CharField(max_length=7)
    key = models.CharField(max_length=48)
    was = models.JSONField()
    now = models.JSONField()
    reason = models.CharField(max_length=5)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["closing", "key"], name="sealed_restatement_once"),
            models.CheckConstraint(
                condition=models.Q(reason__in=["facts", "plan"]), name="sealed_restatement_has_a_reason"
            ),
        ]
        ordering: ClassVar = ["closing", "id"]

    def __str__(self) -> str:
        return f"{self.closing_id} {self.key}"

    @property
    def record(self) -> bytes:
        """The row as it was hashed."""
        row = {name: getattr(self, name) for name in ("period", "key", "reason")}
        for when, numbers in (("was", self.was), ("now", self.now)):
            row |= {f"{when}_{name}": text for name, text in zip(FIGURE_FIELDS[1:], numbers, strict=True)}
        return restatement_record(row)


class SealKey(models.Model):
    """A key that took over from the one before, as both signed it. The first key of a deployment has no row."""

    number = models.PositiveIntegerField(unique=True)
    public_key = models.CharField(max_length=64, unique=True)
    previous = models.CharField(max_length=64, unique=True)
    since = models.DateTimeField()
    last_seals = models.TextField(blank=True)
    signature = models.CharField(max_length=88)
    own_signature = models.CharField(max_length=88)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(number__gte=2), name="seal_key_follows_another"),
        ]
        ordering: ClassVar = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.public_key}"

    @property
    def link(self) -> KeyLink:
        """What both keys signed."""
        return KeyLink(**{name: getattr(self, name) for name in LINK_FIELDS})


# -- numbers that want a second look («số liệu cần kiểm tra») ------------------------------------------------------------------
class RuleSwitch(models.Model):
    """A rule of `anomalies/rules.toml` that the standing office switched; without a row it is as shipped."""

    rule = models.CharField(max_length=32, unique=True)
    is_on = models.BooleanField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.rule}: {'on' if self.is_on else 'off'}"


class AnomalyState(models.TextChoices):
    """Where a finding is between the accountable unit and the standing office."""

    OPEN = "open", _("Chờ giải trình")
    EXPLAINED = "explained", _("Đã giải trình, chờ xem")
    ASKED_BACK = "asked_back", _("Hỏi lại")
    ACCEPTED = "accepted", _("Đã chấp nhận")


class GoneWhy(models.TextChoices):
    """Why a finding stands no more."""

    CHANGED = "changed", _("Số liệu đã đổi, không còn bất thường")
    OFF = "off", _("Quy tắc đã tắt")


class Anomaly(models.Model):
    """
    What a rule found in one period: a question to the accountable unit, not a verdict.

    `facts` are the numbers of its sentence, `refs` the rows that it rests on ([source, record], at most 200 of `rows`). It names no
    person. `put_at`: when it was put to the unit; at most five of a unit and period are. `gone_at`: since when the rule finds it no more.
    """

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="anomalies")
    rule = models.CharField(max_length=32)
    unit = models.CharField(max_length=64)
    area = models.CharField(max_length=10, blank=True)
    measure = models.CharField(max_length=64, blank=True)
    dimensions = models.CharField(max_length=200, blank=True)
    place = models.CharField(max_length=200, blank=True)
    gravity = models.PositiveSmallIntegerField()
    size = models.FloatField()
    facts = models.JSONField(default=dict)
    refs = models.JSONField(default=list)
    rows = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=AnomalyState.choices, default=AnomalyState.OPEN)
    found_at = models.DateTimeField()
    changed_at = models.DateTimeField(help_text="when its numbers last changed")
    put_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True)
    gone_why = models.CharField(max_length=8, choices=GoneWhy.choices, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["period", "rule", "unit", "area", "measure", "dimensions", "place"], name="anomaly_once"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "explained", "asked_back", "accepted"]), name="anomaly_state"
            ),
            models.CheckConstraint(
                condition=models.Q(gone_at__isnull=True, gone_why="")
                | models.Q(gone_at__isnull=False, gone_why__in=["changed", "off"]),
                name="anomaly_gone_says_why",
            ),
            models.CheckConstraint(
                condition=models.Q(state="open") | models.Q(put_at__isnull=False), name="anomaly_answered_was_put"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["unit", "state"], name="anomaly_unit_state")]

    def __str__(self) -> str:
        return f"{self.period_id} {self.rule} {self.unit} {self.state}"

    @property
    def is_waiting(self) -> bool:
        """Whether the accountable unit is asked for an answer now."""
        return (
            self.put_at is not None
            and self.gone_at is None
            and self.state in (AnomalyState.OPEN, AnomalyState.ASKED_BACK)
        )


class AnswerKind(models.TextChoices):
    """What was said about a finding."""

    EXPLAINED = "explained", _("Đơn vị giải trình")
    ASKED_BACK = "asked_back", _("Cơ quan thường trực hỏi lại")
    ACCEPTED = "accepted", _("Cơ quan thường trực chấp nhận")


class AnomalyAnswer(models.Model):
    """One step of the conversation about a finding. Never changed; `facts` is what the finding said then."""

    anomaly = models.ForeignKey(Anomaly, on_delete=models.PROTECT, related_name="answers")
    kind = models.CharField(max_length=10, choices=AnswerKind.choices)
    text = models.CharField(max_length=1000, blank=True)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    facts = models.JSONField(default=dict)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(kind="accepted") | ~models.Q(text=""), name="anomaly_answer_says_something"
            ),
        ]
        ordering: ClassVar = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.anomaly_id} {self.kind}"


class AnomalyRun(models.Model):
    """
    The last look at a period: of which facts (`state`), and by rule how many units were looked at and in how many it found something.
    """

    period = models.OneToOneField(Period, on_delete=models.PROTECT, related_name="anomaly_run")
    at = models.DateTimeField()
    state = models.CharField(max_length=64)
    counts = models.JSONField(default=dict, help_text="rule: [units looked at, units with a finding]")

    def __str__(self) -> str:
        return f"{self.period_id} {self.at}"


# -- a nation from many provinces: packets (`packets/`) --------------------------------------------------------------------------
class TrustedKey(models.Model):
    """A public key by which packets of a province are believed: told by the province on another way than with a packet."""

    province = models.CharField(max_length=10)
    public_key = models.CharField(max_length=64)
    trusted_at = models.DateTimeField()
    trusted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province", "public_key"], name="trusted_key_once"),
            models.CheckConstraint(
                condition=~models.Q(province="") & models.Q(public_key__regex=r"^[0-9a-f]{64}$"),
                name="trusted_key_is_a_key",
            ),
        ]
        ordering: ClassVar = ["province", "trusted_at", "pk"]

    def __str__(self) -> str:
        return f"{self.province} {self.public_key}"


class Packet(models.Model):
    """
    A province's closed month that was loaded. The file says everything; the columns are what lists show.

    `checks` are [name, what was found] of each check that it passed. `replaces` is the packet of the same province and month before
    it, `reason` why; of those of one month the one that is not replaced counts.
    """

    province = models.CharField(max_length=10)
    name = models.CharField(max_length=200)
    period = models.CharField(max_length=7)
    first_day = models.DateField()
    last_day = models.DateField()
    plan = models.CharField(max_length=64)
    plan_version = models.CharField(max_length=32)
    definitions = models.CharField(max_length=64, help_text="their hash")
    seal_number = models.PositiveIntegerField()
    seal_hash = models.CharField(max_length=64)
    closed_at = models.DateTimeField()
    public_key = models.CharField(max_length=64)
    is_made_up = models.BooleanField()
    facts = models.PositiveBigIntegerField()
    figures = models.PositiveIntegerField()
    checks = models.JSONField(default=list)
    areas = models.JSONField(default=list, help_text="codes of its areas")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="packet")
    sha256 = models.CharField(max_length=64, unique=True)
    loaded_at = models.DateTimeField()
    loaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    reason = models.CharField(max_length=500, blank=True)
    is_replaced = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["province", "period"], condition=models.Q(is_replaced=False), name="packet_once_a_month"
            ),
            models.CheckConstraint(
                condition=models.Q(replaces__isnull=True, reason="")
                | (models.Q(replaces__isnull=False) & ~models.Q(reason="")),
                name="packet_replaces_for_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(first_day__lte=models.F("last_day")), name="packet_begins_before_it_ends"
            ),
        ]
        ordering: ClassVar = ["-period", "province", "pk"]

    def __str__(self) -> str:
        return f"{self.province} {self.period} {self.sha256[:12]}"
