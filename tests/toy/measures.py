"""Two sources: «toy.counter» of records, «toy.file» of imported snapshots."""

from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from diem06.core.roster import Coverage, Grade, Source, StockState
from tests.toy.models import ToyCoverage, ToyFact

COUNTER, FILE = "toy.counter", "toy.file"


def _facts(source: str):
    def facts(first: date, last: date) -> QuerySet:
        return ToyFact.objects.filter(source=source, day__gte=first, day__lte=last)

    return facts


def _coverage(source: str):
    def coverage(_first: date, _last: date) -> list[Coverage]:
        return [Coverage(measure=row.measure, area=row.area) for row in ToyCoverage.objects.filter(source=source)]

    return coverage


SOURCES = (
    Source(
        code=COUNTER,
        title=gettext_lazy("Quầy"),
        grade=Grade.EVIDENCED,
        facts=_facts(COUNTER),
        coverage=_coverage(COUNTER),
        stock=StockState.RECORD,
    ),
    Source(
        code=FILE,
        title=gettext_lazy("Tệp"),
        grade=Grade.IMPORTED,
        facts=_facts(FILE),
        coverage=_coverage(FILE),
        carries=True,
    ),
)
