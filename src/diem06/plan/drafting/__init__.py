"""
From the document of a plan to plan data.

`read_draft` reads .docx, text or Markdown into a `Draft`: paragraphs, clauses, units, targets, assignments, duties and what it
is not sure of, each with the place and the words. A person decides item by item (`Verdict`); `bundle_of` then writes the TOML
files that `plan check` reads. Nothing in a draft is made up: every value stands in the words that it cites.
"""

from diem06.plan.drafting.bundle import bundle_of, open_questions, unsure_rows
from diem06.plan.drafting.draft import (
    AnyItem,
    Day,
    DecisionError,
    Decisions,
    Draft,
    DraftAssignment,
    DraftClause,
    DraftDeadline,
    DraftDuty,
    DraftError,
    DraftIndicator,
    DraftParagraph,
    DraftPilot,
    DraftTarget,
    Every,
    FoundUnit,
    Item,
    Question,
    State,
    Unsure,
    Verdict,
    apply,
    as_json,
    changeable,
    decisions_as_json,
    decisions_from_json,
    field_text,
    from_json,
)
from diem06.plan.drafting.reading import KnownArea, SourceFile, read_draft, with_areas
from diem06.plan.drafting.summary import summary

__all__ = [
    "AnyItem",
    "Day",
    "DecisionError",
    "Decisions",
    "Draft",
    "DraftAssignment",
    "DraftClause",
    "DraftDeadline",
    "DraftDuty",
    "DraftError",
    "DraftIndicator",
    "DraftParagraph",
    "DraftPilot",
    "DraftTarget",
    "Every",
    "FoundUnit",
    "Item",
    "KnownArea",
    "Question",
    "SourceFile",
    "State",
    "Unsure",
    "Verdict",
    "apply",
    "as_json",
    "bundle_of",
    "changeable",
    "decisions_as_json",
    "decisions_from_json",
    "field_text",
    "from_json",
    "open_questions",
    "read_draft",
    "summary",
    "unsure_rows",
    "with_areas",
]
