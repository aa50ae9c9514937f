"""Closing a period, and taking a new key to sign closings with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial

from django.db import connection, transaction

from diem06.core.audit.actions import record
from diem06.core.plans.models import Period
from diem06.core.plans.queries import Loaded
from diem06.core.residents.sealing import digest
from diem06.cube import queries
from diem06.cube.actions import issue_revision
from diem06.cube.board import Figure
from diem06.cube.closing.canonical import FIGURE_FIELDS, text_of
from diem06.cube.closing.changes import late_digest
from diem06.cube.closing.keys import made, signing_key
from diem06.cube.closing.links import KeyLink
from diem06.cube.closing.merkle import root_of
from diem06.cube.closing.public import public_key
from diem06.cube.closing.queries import closing_of, closings, first_open, last_closing, last_seals
from diem06.cube.closing.reading import measures_of, sealed_facts
from diem06.cube.closing.restatements import Restatement, Restatements
from diem06.cube.closing.seal import (
    MeasureDigest,
    Seal,
    area_digests,
    facts_root,
    figure_record,
    measure_digests,
)
from diem06.cube.facts import BEGINNING
from diem06.cube.figures import FigureQuery, figures
from diem06.cube.keys import parse_key
from diem06.cube.models import ClosedFigure, ClosedMeasure, Closing, SealedRestatement, SealKey
from diem06.plan.periods import Window, window_of

_TRIES = 3
_ROWS_AT_ONCE = 500
_FIGURES_AT_ONCE = 200

Told = Callable[[str, int, int], None]
"""Is told how far a closing is: `facts` or `figures`, how many are done, and of how many (0: nobody knows). Never in a transaction."""


def _untold(_what: str, _done: int, _total: int) -> None:
    pass


class ClosingError(ValueError):
    """A period cannot be closed."""


class AlreadyClosedError(ClosingError):
    """The period was closed before; `closing` says when and by whom."""

    def __init__(self, closing: Closing) -> None:
        super().__init__(
            f"{closing.period} was closed at {closing.closed_at.isoformat(timespec='seconds')}, seal {closing.number} {closing.hash}."
        )
        self.closing = closing


class NotLockedError(ClosingError):
    """Units may still edit: a period is closed from its lock on."""


class OutOfOrderError(ClosingError):
    """An earlier period is open; `period` is the one that comes next."""

    def __init__(self, period: Period | None) -> None:
        super().__init__(f"{period.code if period else 'An earlier period'} is to be closed first.")
        self.period = period


class ClockError(ClosingError):
    """The closing would be dated before the one that it follows, or before a fact that is known already."""


@dataclass(frozen=True, kw_only=True)
class _Frozen:
    """What is read before anything is written."""

    figures: tuple[Figure, ...]
    measures: tuple[MeasureDigest, ...]
    restatements: tuple[SealedRestatement, ...]
    late_facts: tuple[int, str]
    changes: int


def close_period(*, loaded: Loaded, period: Period, at: datetime, by: int | None, told: Told = _untold) -> Closing:
    """
    Close a period: keep its figures and the digests of the facts behind them, chained to the closing before and signed.

    Facts are read before the transaction, so that nobody waits for it; where one changed meanwhile they are read again, the last time
    inside. Raises AlreadyClosedError, NotLockedError, OutOfOrderError, ClockError.
    """
    for turn in range(_TRIES):
        check(loaded, period, at)
        window = window_of(loaded.plan, period.code)
        begins = _facts_from(loaded)
        if turn < _TRIES - 1:
            frozen = _freeze(loaded, window, begins, at, told)
            with transaction.atomic():
                _hold_facts()
                if queries.changes_until(period.last_day) == frozen.changes and _facts_from(loaded) == begins:
                    return _keep(loaded, period, window, begins, frozen, at=at, by=by)
    with transaction.atomic():
        _hold_facts()
        return _keep(loaded, period, window, begins, _freeze(loaded, window, begins, at, _untold), at=at, by=by)


def check(loaded: Loaded, period: Period, at: datetime) -> None:
    """Raise what would keep `close_period` from closing the period now."""
    if known := closing_of(loaded.plan.id, period.code):
        raise AlreadyClosedError(known)
    if at < period.lock_at:
        raise NotLockedError(f"{period.code} can be closed from {period.lock_at.isoformat(timespec='seconds')} on.")
    following = first_open(loaded.plan)
    if following is None or following.code != period.code:
        raise OutOfOrderError(following)
    before = last_closing(loaded.plan.id)
    if before and (at <= before.closed_at or before.calendar != period.calendar):
        raise ClockError(f"{period.code}: it would be closed before {before.period}, or by another calendar.")


def _facts_from(loaded: Loaded) -> date:
    """Return from which day on facts belong to the next closing: each fact to one, those from before the plan to the first."""
    before = last_closing(loaded.plan.id)
    return date.fromordinal(before.last_day.toordinal() + 1) if before else BEGINNING


def _hold_facts() -> None:
    """
    Wait for those who are writing facts, and let nobody begin until the closing is there.

    SQLite lets one write at a time. Elsewhere the table of counters is what each writer of a fact writes to.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE cube_changedfacts IN SHARE ROW EXCLUSIVE MODE")


def _freeze(loaded: Loaded, window: Window, begins: date, at: datetime, told: Told) -> _Frozen:
    changes = queries.changes_until(window.last_day)
    measures = measures_of(loaded.plan)
    with sealed_facts(
        first=begins, last=window.last_day, at=at, measures=measures, told=partial(told, "facts")
    ) as facts:
        digests = measure_digests(area_digests(facts), measures=measures)
    number = queries.revision_number(loaded.plan.id, window.code, changes=changes, bundle=loaded.bundle)
    query = FigureQuery(loaded=loaded, windows=(window.code,), revision=number, known_at=at)
    before = last_closing(loaded.plan.id)
    told("figures", 0, 0)
    computed = _counted(figures(query), before.figures if before else 0, told)
    frozen = tuple(computed)
    earlier = list(closings(loaded.plan.id))
    restated = [_restated(one) for closing in earlier for one in Restatements(loaded, closing, known_at=at).all]
    return _Frozen(
        figures=frozen,
        measures=tuple(digests),
        restatements=tuple(restated),
        late_facts=late_digest(earlier, until=at),
        changes=changes,
    )


def _restated(one: Restatement) -> SealedRestatement:
    key = one.closed.key
    return SealedRestatement(
        period=parse_key(key).window,
        key=key,
        was=_numbers(_row(one.closed, one.closed.revision)),
        now=_numbers(_row(one.now, one.now.revision)),
        reason="plan" if one.is_of_plan else "facts",
    )


def _numbers(row: ClosedFigure) -> list[str | None]:
    return [text_of(getattr(row, name)) for name in FIGURE_FIELDS[1:]]


def _counted(computed: Iterable[Figure], expected: int, told: Told) -> Iterator[Figure]:
    for number, figure in enumerate(computed, 1):
        if number % _FIGURES_AT_ONCE == 0:
            told("figures", number, max(expected, number) if expected else 0)
        yield figure


def _keep(
    loaded: Loaded, period: Period, window: Window, begins: date, frozen: _Frozen, *, at: datetime, by: int | None
) -> Closing:
    check(loaded, period, at)
    before = last_closing(loaded.plan.id)
    revision = issue_revision(loaded=loaded, window=window, at=at).number
    rows = [_row(figure, revision) for figure in frozen.figures]
    key = signing_key()
    seal = Seal(
        number=before.number + 1 if before else 1,
        plan=loaded.plan.id,
        plan_version=loaded.plan.version,
        plan_hash=loaded.hash,
        calendar=period.calendar,
        period=period.code,
        first_day=period.first_day,
        last_day=period.last_day,
        facts_from=begins,
        closed_at=at,
        closed_by=None if by is None else pseudonym(by),
        revision=revision,
        facts=sum(measure.facts for measure in frozen.measures),
        facts_root=facts_root(frozen.measures),
        figures=len(rows),
        figures_root=root_of(sorted(figure_record(vars(row)) for row in rows)),
        public_key=public_key(key),
        previous=before.hash if before else None,
        restatements=len(frozen.restatements),
        restatements_root=root_of(sorted(row.record for row in frozen.restatements)),
        late_facts=frozen.late_facts[0],
        late_facts_root=frozen.late_facts[1],
    )
    closing = Closing.objects.create(**vars(seal), hash=seal.hash, signature=seal.signed(key), of=period, person_id=by)
    _keep_rows(closing, rows, frozen)
    record(
        by=by,
        action="period.close",
        object_type="period",
        object_id=f"{loaded.plan.id}/{period.code}",
        details={
            "seal": seal.number,
            "hash": closing.hash,
            "facts": seal.facts,
            "facts_root": seal.facts_root,
            "figures": seal.figures,
            "figures_root": seal.figures_root,
            "restatements": seal.restatements,
            "late_facts": seal.late_facts,
        },
        at=at,
    )
    return closing


def _keep_rows(closing: Closing, figures: Sequence[ClosedFigure], frozen: _Frozen) -> None:
    for figure in figures:
        figure.closing = closing
    for restated in frozen.restatements:
        restated.closing = closing
    ClosedFigure.objects.bulk_create(figures, batch_size=_ROWS_AT_ONCE)
    SealedRestatement.objects.bulk_create(frozen.restatements, batch_size=_ROWS_AT_ONCE)
    ClosedMeasure.objects.bulk_create(
        [
            ClosedMeasure(
                closing=closing,
                measure=measure.measure,
                facts=measure.facts,
                root=measure.root,
                areas=[[area.area, area.valid_from, area.facts, area.root] for area in measure.areas],
            )
            for measure in frozen.measures
        ]
    )


def _row(figure: Figure, revision: int) -> ClosedFigure:
    return ClosedFigure(
        key=str(replace(parse_key(figure.key), revision=revision)),
        code=figure.code,
        area=figure.area.code if figure.area else "",
        unit=figure.unit or "",
        numerator=_whole(figure.numerator),
        denominator=_whole(figure.denominator),
        value=None if figure.value is None else f"{figure.value:f}",
        target=None if figure.target is None else f"{figure.target:f}",
        grade=figure.grade.value if figure.grade else None,
        standing=figure.standing.value,
    )


def _whole(number: Decimal | None) -> int | None:
    return None if number is None else int(number)


def pseudonym(person: int) -> str:
    """Return what stands for a person in a seal: nobody without the key of this deployment can find out whom."""
    return digest(f"closing/{person}")


# -- the key -----------------------------------------------------------------------------------------------------------
@transaction.atomic
def rotate_key(*, at: datetime, by: int | None) -> SealKey:
    """
    Take a new key for the closings from now on. The old one hands over to it: both sign the link.

    The new key is in its file before the link is in the database, and signs nothing until then; a file that was left by a rotation
    that did not come to its end is taken. Raises ClockError, and KeyOfAnotherKindError where the old key is not here.
    """
    _hold_facts()  # no closing is under way
    last = SealKey.objects.last()
    moments = [*([last.since] if last else []), *Closing.objects.values_list("closed_at", flat=True)]
    if moments and at <= max(moments):
        raise ClockError(
            f"The key would change before {max(moments).isoformat(timespec='seconds')}, when it was used last."
        )
    old = signing_key()
    number = last.number + 1 if last else 2
    new = made(number)
    link = KeyLink(
        number=number, public_key=public_key(new), previous=public_key(old), since=at, last_seals=" ".join(last_seals())
    )
    row = SealKey.objects.create(**vars(link), signature=link.signed(old), own_signature=link.signed(new))
    record(
        by=by,
        action="seal_key.rotate",
        object_type="seal_key",
        object_id=str(number),
        details={"public_key": row.public_key, "previous": row.previous, "last_seals": row.last_seals},
        at=at,
    )
    return row
