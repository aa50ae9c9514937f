"""
Figures of record: those of a closed period are the closed ones, and stay so.

What is read for pages and files asks here. What came later is a restatement (`restatements`) and stands beside.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from diem06.core.plans.queries import Loaded
from diem06.core.roster import Grade
from diem06.cube import queries
from diem06.cube.actions import issue_revision
from diem06.cube.board import Board, Figure, Line, board
from diem06.cube.closing.queries import closed_figures, closing_of
from diem06.cube.kept import Kept
from diem06.cube.keys import parse_key
from diem06.cube.models import ClosedFigure, Closing, Revision
from diem06.cube.standing import Standing
from diem06.plan.periods import Window, window_of


class ClosedBoard(Board):
    """
    The figures of a closed period. Numbers, target, grade and standing are what was kept; what was not kept (who was missing,
    shares of grades, the milestone) is computed from the facts as they were known.
    """

    def __init__(self, loaded: Loaded, window: Window, *, closing: Closing, revision: Revision) -> None:
        super().__init__(loaded, window, changes=revision.changes, known_at=closing.closed_at)
        self.closing = closing
        self._kept = closed_figures(closing)

    @property
    def revision(self) -> int:
        """The revision under which the figures were closed."""
        return self.closing.revision

    def _figure_of(self, period: str, line: Line, area: str, unit: str) -> Figure:
        """The figure of record of the period before: pages need that board anyway."""
        return board_of_record(self.loaded, period).figure(line.code, area=area, unit=unit)

    def _figure(self, line: Line, area: str, unit: str, revision: int) -> Figure:
        figure = super()._figure(line, area, unit, revision)
        row = self._kept.get((line.code, area, unit))
        return as_closed(figure, row) if row else figure


def as_closed(figure: Figure, row: ClosedFigure) -> Figure:
    """Return the figure with the key and the numbers that were kept."""
    numerator, denominator = _number(row.numerator), _number(row.denominator)
    target = _number(row.target)
    gap = None
    if target is not None and numerator is not None and (denominator is not None or not figure.is_ratio):
        gap = target * (Decimal(1) if denominator is None else denominator) - numerator
    return replace(
        figure,
        key=row.key,
        revision=parse_key(row.key).revision,
        numerator=numerator,
        denominator=denominator,
        value=_number(row.value),
        target=target,
        gap=gap,
        grade=Grade(row.grade) if row.grade else None,
        standing=Standing(row.standing),
    )


def _number(text: int | str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


# -- kept boards -------------------------------------------------------------------------------------------------------
_boards: Kept[ClosedBoard] = Kept(36)


def board_of_record(loaded: Loaded, window: str) -> Board:
    """Return the board of a window: as it was closed, else as the facts stand now. Raises PeriodError."""
    closing = closing_of(loaded.plan.id, window)
    return closed_board(loaded, closing) if closing else board(loaded, window)


def closed_board(loaded: Loaded, closing: Closing) -> Board:
    """Return the board of a closed period."""
    key = (loaded.bundle, loaded.hash, loaded.milestones, closing.pk, closing.hash)
    return _boards.get(key, lambda: _built(loaded, closing))


def _built(loaded: Loaded, closing: Closing) -> ClosedBoard:
    revision = queries.revision(loaded.plan.id, closing.period, closing.revision)
    assert revision is not None  # a closing issues it
    return ClosedBoard(loaded, window_of(loaded.plan, closing.period), closing=closing, revision=revision)


def revision_of_record(*, loaded: Loaded, window: Window, at: datetime) -> Revision:
    """Return the revision under which figures leave: that of the closing, else that of the present state."""
    closing = closing_of(loaded.plan.id, window.code)
    kept = queries.revision(loaded.plan.id, window.code, closing.revision) if closing else None
    return kept or issue_revision(loaded=loaded, window=window, at=at)


def forget_closed_boards() -> None:
    """Drop every kept board."""
    _boards.forget()
