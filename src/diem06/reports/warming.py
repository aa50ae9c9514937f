"""Keeping boards warm: each web process computes what people will ask for, as soon as it starts and whenever facts have changed."""

from __future__ import annotations

import logging
import threading
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, close_old_connections

from diem06.core.plans.queries import NoPlanError, last_due_period, loaded_plan, periods
from diem06.cube.board import Board, board
from diem06.cube.closing.record import board_of_record
from diem06.reports.word.material import windows_of

logger = logging.getLogger(__name__)
EVERY_SECONDS = 5
"""Looking costs a few questions; only a board of which a fact changed is computed anew."""


def warm(at: datetime) -> None:
    """
    Have the boards of every page that most people open: of the periods, the newest first, and of the last report. Raises NoPlanError.

    What is kept already costs two small questions each.
    """
    loaded = loaded_plan()
    plan = loaded.plan
    opened = [period.code for period in periods(plan) if period.opens_at <= at]
    due = last_due_period(plan, at=at)
    of_report = windows_of(plan, due.code) if due and due.code in opened else ()
    # A closed period never changes: its page and the course up to today read it as it was closed.
    for code in dict.fromkeys((*opened[:-3:-1], *of_report, *opened[::-1])):
        if threading.main_thread().is_alive():
            _look_up(board_of_record(loaded, code))
    # A unit's own report reads what it says now.
    for code in of_report:
        if threading.main_thread().is_alive():
            _look_up(board(loaded, code))


def _look_up(here: Board) -> None:
    """Ask for the figures of the whole area, as courses do: a deadline inside a period has them counted to its day too."""
    for code in here.lines:
        here.figure(code, revision=0)


def keep_warm() -> None:
    """Warm now and whenever facts have changed, until the process ends, whatever goes wrong meanwhile: pages do without."""
    while threading.main_thread().is_alive():
        try:
            warm(settings.DIEM06_CLOCK())
        except (NoPlanError, DatabaseError) as reason:
            logger.info("Boards are not warmed: %s", reason)
        except Exception:
            logger.exception("Boards are not warmed.")
        close_old_connections()
        threading.main_thread().join(EVERY_SECONDS)
