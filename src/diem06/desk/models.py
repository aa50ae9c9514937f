"""Devices, how they came to be trusted, and what they sent. Nothing here names a person who showed a document."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from diem06.core.places.models import Place
from diem06.core.roster.desk import State


class Enrolment(models.Model):
    """A one-time code for one device at a service point. The code itself is shown once and kept only as a keyed digest."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    code_digest = models.CharField(max_length=32, unique=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="desk_enrolment_times"),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.made_at:%Y-%m-%d %H:%M}"


class Device(models.Model):
    """
    A telephone, tablet or PC that stands at a place, known by its public key.

    A device that is enrolled again is a new one: key and code never change. `skew_ms` is server minus device clock at the last contact;
    `queue_length` is what it had not sent by then. `event_count` and `last_sequence` are kept in the transaction of its events: a list
    of devices must not count the events of years.
    """

    code = models.CharField(max_length=20, unique=True, help_text="TB-014: shown on the device and in lists")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    public_key = models.CharField(max_length=200, unique=True, help_text="P-256, SubjectPublicKeyInfo, base64")
    enrolment = models.OneToOneField(Enrolment, on_delete=models.PROTECT, null=True, related_name="device")
    enrolled_at = models.DateTimeField()
    version = models.CharField(max_length=40, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)
    last_seen_at = models.DateTimeField(null=True)
    queue_length = models.PositiveIntegerField(default=0)
    queue_oldest_at = models.DateTimeField(null=True)
    event_count = models.PositiveBigIntegerField(default=0, help_text="events that came")
    last_sequence = models.PositiveBigIntegerField(default=0, help_text="the highest number of an event that came")
    skew_ms = models.BigIntegerField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    takes_queue = models.BooleanField(default=False, help_text="what it did before it was revoked is still taken")
    wipe_asked_at = models.DateTimeField(null=True)
    wiped_at = models.DateTimeField(null=True)
    wiped_left = models.PositiveIntegerField(
        null=True, help_text="events that were still unsent when it emptied itself"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=False)
                | Q(revoked_by__isnull=True, takes_queue=False, wipe_asked_at__isnull=True),
                name="desk_device_revoked_whole",
            ),
            models.CheckConstraint(
                condition=Q(wiped_at__isnull=True, wiped_left__isnull=True)
                | Q(wiped_at__isnull=False, wiped_left__isnull=False, wipe_asked_at__isnull=False),
                name="desk_device_wiped_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("desk:device", args=[self.code])

    @property
    def is_revoked(self) -> bool:
        return self.revoked_at is not None

    @property
    def missing(self) -> int:
        """How many numbers below its last one did not come."""
        return self.last_sequence - self.event_count


class EventState(models.TextChoices):
    """The states of the roster, with their words."""

    ACCEPTED = State.ACCEPTED.value, _("Đã nhận")
    CONFLICT = State.CONFLICT.value, _("Đã nhận, cần xem lại")
    REJECTED = State.REJECTED.value, _("Không nhận")


class How(models.TextChoices):
    """How the document was read; empty where the event had none."""

    CARD_QR = "card_qr", _("Quét mã QR")
    MRZ = "mrz", _("Quét dòng MRZ")
    TYPED = "typed", _("Nhập tay")


class Event(models.Model):
    """
    What a device did, with the answer that it got. Never changed (a trigger sees to it); taking one back is a new event.

    `occurred_at` is the device's word and never rewritten; `skew_ms` (server minus device clock, as the device knew it then, or as it
    was when it came) says how far to trust it. `record` leads to what the pilot made of it; the person is there, sealed, and not here.
    """

    id = models.UUIDField(primary_key=True, help_text="made by the device, version 7")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="events", db_index=False)
    sequence = models.BigIntegerField()
    act = models.CharField(max_length=40)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    skew_ms = models.BigIntegerField(null=True)
    body_digest = models.CharField(max_length=32, help_text="keyed: a bare hash of a short number can be guessed")
    how = models.CharField(max_length=10, choices=How, blank=True)
    count = models.PositiveIntegerField()
    annuls = models.UUIDField(null=True)
    state = models.CharField(max_length=10, choices=EventState)
    code = models.CharField(max_length=40, blank=True, help_text="of the service's words, or why a read was refused")
    flags = models.CharField(max_length=300, blank=True, help_text="words with blanks between them")
    record = models.CharField(max_length=80, blank=True)
    from_file = models.BooleanField(default=False, help_text="came as an exported queue, not from the device itself")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["device", "sequence"], name="desk_event_sequence"),
            models.UniqueConstraint(
                fields=["annuls"],
                condition=Q(annuls__isnull=False) & ~Q(state=State.REJECTED.value),
                name="desk_event_annulled_once",
            ),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="desk_event_sequence_positive"),
            models.CheckConstraint(condition=~Q(annuls=F("id")), name="desk_event_not_itself"),
            models.CheckConstraint(condition=Q(state__in=[one.value for one in State]), name="desk_event_state"),
        ]

    def __str__(self) -> str:
        return f"{self.device_id} {self.sequence} {self.act}"

    @property
    def flag_list(self) -> list[str]:
        return self.flags.split()
