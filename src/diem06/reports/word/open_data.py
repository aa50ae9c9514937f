"""
Reports and figures as open JSON; docs/how-to/open-data.md says what each name means.

Numbers are texts with all their digits, for a JSON reader may round what it takes for a floating number. Codes are those of the plan
and of the area list.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from diem06.core.plans.models import Period
from diem06.core.plans.queries import Loaded
from diem06.cube.board import Board, Figure
from diem06.cube.keys import FigureKeyError, parse_key
from diem06.plan.model import Indicator, Level
from diem06.reports.word.material import Material
from diem06.reports.word.tree import Content

REPORT_SCHEMA, DATA_SCHEMA = "diem06.report.1", "diem06.open-data.1"


def report_json(loaded: Loaded, material: Material, content: Content, *, at: datetime) -> bytes:
    """Return a report as JSON: its words and tables as a tree, and every figure that it prints by its key."""
    boards = {figures.board.window.code: figures for figures in material.windows.all()}
    by_key = {unit.key: unit.code for unit in material.units.values()}
    figures = {}
    for mark in content.marks():
        key = mark.tag.partition("#")[0]
        try:
            parsed = parse_key(key)
        except FigureKeyError:
            continue
        if key not in figures and parsed.window in boards:
            here = boards[parsed.window]
            unit = by_key.get(parsed.unit, "")
            figures[key] = _figure(here.board.figure(parsed.code, area=parsed.area, unit=unit, revision=here.revision))
    return _written(
        {
            "schema": REPORT_SCHEMA,
            **_about(loaded, material.period, at),
            "revision": material.windows.now.revision,
            "kind": content.kind,
            "unit": content.unit or None,
            "content": content.as_json(),
            "figures": figures,
        }
    )


def open_data(loaded: Loaded, period: Period, here: Board, *, revision: int, at: datetime) -> bytes:
    """Return the catalogue of indicators and measures, the areas and units, and all figures of a period."""
    plan = loaded.plan
    levels = (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE)
    areas = [here.tree.get(plan.area), *here.tree.descendants(plan.area, Level.DISTRICT)]
    areas += here.tree.descendants(plan.area, Level.COMMUNE)
    return _written(
        {
            "schema": DATA_SCHEMA,
            **_about(loaded, period, at),
            "revision": revision,
            "indicators": [_indicator(indicator) for indicator in plan.indicators],
            "measures": [
                {
                    "code": measure.code,
                    "name": measure.name,
                    "name_en": measure.name_en,
                    "kind": measure.kind,
                    "entity": measure.entity,
                    "dimensions": {each.name: list(each.values) for each in measure.dimensions},
                    "derived": measure.derived or None,
                }
                for measure in plan.measures
            ],
            "areas": [
                {
                    "code": area.code,
                    "valid_from": area.valid_from.isoformat(),
                    "name": area.name,
                    "level": area.level,
                    "parent": area.parent or None,
                }
                for area in areas
            ],
            "units": [
                {"code": unit.code, "name": unit.name, "name_en": unit.name_en, "kind": unit.kind, "area": unit.area}
                for unit in here.units.values()
                if unit.reports == "yes"
            ],
            "figures": [_figure(figure) for level in levels for figure in _figures(here, level, revision)],
        }
    )


def _figures(here: Board, level: Level, revision: int) -> Iterator[Figure]:
    for code in here.lines:
        for area in here.areas(code, level):
            figure = here.figure(code, area=area.code, revision=revision)
            if figure.value is not None or figure.target is not None:
                yield figure


def _about(loaded: Loaded, period: Period, at: datetime) -> dict[str, Any]:
    plan = loaded.plan
    return {
        "plan": {"id": plan.id, "version": plan.version, "bundle": loaded.hash, "title": plan.title},
        "period": {
            "code": period.code,
            "calendar": period.calendar,
            "first_day": period.first_day.isoformat(),
            "last_day": period.last_day.isoformat(),
        },
        "is_made_up": loaded.is_made_up,
        "made_at": at.isoformat(timespec="seconds"),
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "key": figure.key,
        "indicator": figure.indicator,
        "reading": figure.reading,
        "area": figure.area.code if figure.area else None,
        "unit": figure.unit,
        "window": figure.period,
        "first_day": figure.first_day.isoformat(),
        "last_day": figure.last_day.isoformat(),
        "numerator": _number(figure.numerator),
        "denominator": _number(figure.denominator),
        "value": _number(figure.value),
        "is_share": figure.is_ratio,
        "target": _number(figure.target),
        "deadline": figure.deadline.isoformat() if figure.deadline else None,
        "gap": _number(figure.gap),
        "standing": str(figure.standing),
        "grade": str(figure.grade) if figure.grade else None,
        "reported": figure.reported,
        "expected": figure.expected,
    }


def _indicator(indicator: Indicator) -> dict[str, Any]:
    def parts(given: Any) -> list[dict[str, str]]:
        return [asdict(part) for part in given]

    return {
        "code": indicator.code,
        "clauses": list(indicator.clauses),
        "name": indicator.name,
        "name_en": indicator.name_en,
        "kind": indicator.kind,
        "counted": indicator.counted,
        "counted_en": indicator.counted_en,
        "direction": indicator.direction,
        "numerator": indicator.numerator,
        "denominator": indicator.denominator or None,
        "same_as": indicator.same_as or None,
        "targets": [
            {
                "value": str(target.value),
                "from": target.from_day.isoformat(),
                "deadline": target.deadline.isoformat() if target.deadline else None,
                "clause": target.clause,
                "quote": target.quote,
            }
            for target in indicator.targets
        ],
        "readings": [
            {"code": reading.code, "text": reading.text, "text_en": reading.text_en, "parts": parts(reading.parts)}
            for reading in indicator.readings
        ],
    }


def _number(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"


def _written(tree: dict[str, Any]) -> bytes:
    return json.dumps(tree, ensure_ascii=False, indent=1, default=_plain).encode()


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} does not belong into open data")
