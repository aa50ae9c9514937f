"""`diem06 figures PERIOD`: the figures of a period, for machines and for checking a report against."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from diem06.core import access
from diem06.core.plans.queries import NoPlanError, loaded_plan
from diem06.cube.actions import issue_revision
from diem06.cube.board import Figure
from diem06.cube.figures import FigureQuery, figures
from diem06.plan.model import Level
from diem06.plan.periods import PeriodError, window_of


class Command(BaseCommand):
    """Exit codes: 0 done, 2 no plan is loaded or there is no such period."""

    help = "print the figures of a period or window: 2023-07, 2023-Q3, 2023-H2, 2023 or ptd-2023-07"
    access_rule = access.operator
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("period")
        parser.add_argument("--json", action="store_true", help="a list of objects, numbers as decimal strings")
        parser.add_argument("--plan", help="id of the plan; default: the one loaded last")
        parser.add_argument(
            "--level",
            choices=[level.value for level in Level],
            action="append",
            help="areas of this level; default: all",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = loaded_plan(options["plan"])
            window = window_of(loaded.plan, options["period"])
        except (NoPlanError, PeriodError) as fault:
            self.stderr.write(str(fault))
            sys.exit(2)
        revision = issue_revision(loaded=loaded, window=window, at=settings.DIEM06_CLOCK())
        levels = tuple(Level(level) for level in options["level"] or Level)
        query = FigureQuery(loaded=loaded, windows=(window.code,), levels=levels, revision=revision.number)
        found = figures(query)
        if options["json"]:
            self.stdout.write(json.dumps([as_json(figure) for figure in found], ensure_ascii=False, indent=1))
            return
        for figure in found:
            self.stdout.write(f"{figure.key:<44} {text(figure.value) or '-':>12.12} {figure.standing}")


def as_json(figure: Figure) -> dict[str, Any]:
    """Return a figure as plain values: numbers as decimal strings, what is not known as null."""
    return {
        "key": figure.key,
        "indicator": figure.indicator,
        "reading": figure.reading,
        "area": {"code": figure.area.code, "valid_from": figure.area.valid_from.isoformat()} if figure.area else None,
        "unit": figure.unit,
        "period": figure.period,
        "first_day": figure.first_day.isoformat(),
        "last_day": figure.last_day.isoformat(),
        "numerator": text(figure.numerator),
        "denominator": text(figure.denominator),
        "value": text(figure.value),
        "target": text(figure.target),
        "gap": text(figure.gap),
        "grade": figure.grade.value if figure.grade else None,
        "standing": figure.standing.value,
    }


def text(number: Decimal | None) -> str | None:
    """Return a number as a plain decimal text: never an exponent."""
    return None if number is None else f"{number:f}"
