"""Rows that are facts: what an app's source reads, stored as it is read."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self

from django.db import models

from diem06.core.roster.sources import as_known


class FactQuerySet(models.QuerySet):
    def current(self) -> Self:
        """Keep the rows that nothing has superseded."""
        return self.filter(as_known(None))

    def known_at(self, at: datetime | None) -> Self:
        """Keep the rows as they stood at `at`; None: as they stand."""
        return self.filter(as_known(at))

    def between(self, first: date, last: date) -> Self:
        """Keep the facts dated from `first` to `last`."""
        return self.filter(day__gte=first, day__lte=last)


class FactRow(models.Model):
    """A row that is a fact: it holds the columns of `roster.HISTORY_COLUMNS`, stored as they are read."""

    measure = models.CharField(max_length=64)
    source = models.CharField(max_length=32)
    day = models.DateField(db_index=True)
    recorded_at = models.DateTimeField()
    area = models.CharField(max_length=8)
    area_valid_from = models.DateField()
    unit = models.CharField(max_length=64)
    place = models.CharField(max_length=64, blank=True, default="")
    dimensions = models.CharField(max_length=200, blank=True, default="")
    entity = models.CharField(max_length=64, blank=True, default="")
    value = models.BigIntegerField()
    record = models.CharField(max_length=64)
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = FactQuerySet.as_manager()

    class Meta:
        abstract = True
