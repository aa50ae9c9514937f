"""Facts that no unit declares."""

from django.db import models


class ToyFact(models.Model):
    """A fact as it is stored, with the columns of a source and its history."""

    measure = models.TextField()
    source = models.TextField()
    day = models.DateField()
    recorded_at = models.DateTimeField()
    area = models.TextField()
    area_valid_from = models.DateField()
    unit = models.TextField()
    place = models.TextField(default="")
    dimensions = models.TextField(default="")
    entity = models.TextField(default="")
    value = models.BigIntegerField(default=1)
    record = models.TextField()
    superseded_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.record


class ToyCoverage(models.Model):
    """From which areas a source holds everything."""

    source = models.TextField()
    measure = models.TextField()
    area = models.TextField()

    def __str__(self) -> str:
        return f"{self.source} {self.measure} {self.area}"
