from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from diem06.plan import checks, model
from diem06.plan.reader import toml_keys

PAGE = (Path(__file__).parents[4] / "docs" / "how-to" / "write-a-plan.md").read_text(encoding="utf-8")
TABLES = {
    "The plan": model.Plan,
    "periods": model.Periods,
    "standing_rule": model.StandingRule,
    "precedence": model.Precedence,
    "document": model.Document,
    "report": model.ReportText,
    "report.kind": model.ReportKind,
    "paragraph": model.Paragraph,
    "clause": model.Clause,
    "clause.span": model.Span,
    "clause.correction": model.Correction,
    "pilot": model.Pilot,
    "unit": model.Unit,
    "unit.name": model.UnitName,
    "group": model.Group,
    "listing": model.Listing,
    "assignment": model.Assignment,
    "duty": model.Duty,
    "measure": model.Measure,
    "measure.dimension": model.Dimension,
    "label": model.Label,
    "obligation": model.ObligationRule,
    "indicator": model.Indicator,
    "indicator.target": model.Target,
    "indicator.deadline": model.Deadline,
    "indicator.reading": model.Reading,
    "indicator.reading.part": model.Part,
    "indicator.reading.decision": model.Decision,
    "scope_list": model.ScopeList,
}


def keys_in_page(heading: str) -> dict[str, bool]:
    """Return the keys that the table under the heading explains, and whether each is marked as one that must be there."""
    section = re.split(r"^#+ ", PAGE.split(f"# {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {key: bool(star) for cell in cells for key, star in re.findall(r"`(\w+)`( \*)?", cell)}


@pytest.mark.parametrize(("heading", "table"), TABLES.items())
def test_every_key_of_a_plan_is_explained_with_whether_it_must_be_there(heading, table):
    must = {
        key: field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        for field, key in toml_keys(table)
    }

    assert keys_in_page(heading) == must


def test_every_kind_of_table_has_a_section():
    tables = {each for each in vars(model).values() if dataclasses.is_dataclass(each)}

    assert tables == set(TABLES.values())


@pytest.mark.parametrize(
    "words", [checks.STYLES, checks.CLAUSE_KINDS, checks.RECORD_TYPES, checks.UNIT_KINDS, checks.SOURCES]
)
def test_every_word_that_a_key_may_hold_is_listed(words):
    assert [word for word in words if f"`{word}`" not in PAGE] == []
