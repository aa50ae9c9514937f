from django.db import models
from django.db.models import Q


class Entry(models.Model):
    """
    One thing that was done. Written in the transaction that did it, changed only once: when it is linked.

    `position`, `previous_hash` and `hash` are empty until then. The order of the chain is the order of linking, which
    need not be the order of ids: a transaction that took its id early may commit late. Triggers in the database
    refuse any other change, and deletion (`triggers.py`).
    """

    at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True, help_text="None: the operator of the machine, or the system itself.")
    by_name = models.CharField(max_length=200, blank=True)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=200)
    details = models.JSONField(default=dict)
    position = models.BigIntegerField(null=True, unique=True)
    previous_hash = models.CharField(max_length=64, null=True)
    hash = models.CharField(max_length=64, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(position__isnull=True, previous_hash__isnull=True, hash__isnull=True)
                | Q(position__gt=0, previous_hash__isnull=False, hash__isnull=False),
                name="audit_entry_linked_whole",
            )
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(position__isnull=True), name="audit_entry_unlinked"),
            models.Index(fields=["object_type", "object_id", "id"], name="audit_entry_object"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.action} {self.object_type} {self.object_id}"


class ChainHead(models.Model):
    """The one row that says where the chain ends, so that a deleted tail is noticed; locking it orders those who link."""

    position = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="audit_chainhead_one_row")]

    def __str__(self) -> str:
        return f"{self.position} {self.hash}"
