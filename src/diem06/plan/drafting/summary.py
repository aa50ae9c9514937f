"""The draft as `diem06 plan draft --json` prints it (docs/how-to/draft-a-plan.md)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from diem06.plan.drafting.draft import Day, Draft


def summary(draft: Draft) -> dict[str, Any]:
    """Return the one object that `--json` prints; each key is explained in docs/how-to/draft-a-plan.md."""
    return {
        "files": list(draft.files),
        "paragraphs": len(draft.paragraphs),
        "text": [{"at": each.address, "style": each.style, "text": each.text} for each in draft.paragraphs],
        "clauses": [
            {
                "id": each.id,
                "kind": each.kind,
                "also_kinds": list(each.also_kinds),
                "quote": each.words,
                "at": each.at,
                "spans": list(each.spans),
            }
            for each in draft.clauses
        ],
        "targets": [
            {
                "value": _number(each.value),
                "value_to": None if each.value_to is None else _number(each.value_to),
                "value_words": each.value_words,
                "unit": each.unit,
                "comparison": each.comparison,
                "change": each.change,
                "counted": each.counted,
                **_day(each.deadline),
                "units": list(each.units),
                "text": each.words,
                "clause": each.clause,
                "at": each.at,
            }
            for each in draft.targets
        ],
        "assignments": [
            {
                "task": each.task,
                "lead": list(each.lead),
                "coordinate": list(each.coordinate),
                **_day(each.deadline),
                "result": each.result,
                "clause": each.clause,
                "at": each.at,
                "lead_at": each.lead_at,
                "coordinate_at": each.coordinate_at,
            }
            for each in draft.assignments
        ],
        "duties": [
            {
                "every": each.every.value,
                "every_words": each.every_words,
                "day": each.day,
                "day_words": each.day_words,
                "who": list(each.who),
                "is_report": each.is_report,
                "text": each.words,
                "at": each.at,
            }
            for each in draft.duties
        ],
        "deadlines": [{**_day(each.deadline), "text": each.sentence, "at": each.at} for each in draft.deadlines],
        "units": [
            {
                "name": each.words,
                "also": list(each.also),
                "is_group": each.is_group,
                "at": each.at,
                "named": list(each.named),
            }
            for each in draft.units
        ],
        "questions": [
            {
                "key": each.id,
                "asks": each.asks,
                "answer": each.answer,
                "words": each.words,
                "at": each.at,
                "is_needed": each.is_needed,
            }
            for each in draft.questions
        ],
        "unsure": [{"kind": each.kind, "words": each.words, "why": each.why, "at": each.at} for each in draft.unsure],
    }


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _day(day: Day | None) -> dict[str, Any]:
    """The deadline as a day where one can be told, and its words with their place."""
    if day is None:
        return {"deadline": None, "deadline_words": "", "deadline_every": None, "deadline_at": ""}
    return {
        "deadline": day.day.isoformat() if day.day else None,
        "deadline_words": day.words,
        "deadline_every": day.every.value if day.every else None,
        "deadline_at": day.at,
    }
