"""How much of a plan a draft holds, and what of it stands nowhere in the document."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher

from diem06.plan.drafting import Draft
from diem06.plan.text import folded


@dataclass(frozen=True)
class Truth:
    """What the document says, written down apart from the reader: its paragraphs, percentages, and (pilot, unit) pairs."""

    paragraphs: tuple[str, ...]
    percents: Counter[str]
    assigned: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Shares:
    paragraphs: float
    percents: float
    assigned: int
    false_assigned: tuple[tuple[str, str], ...]
    false_percents: tuple[str, ...]

    def line(self, name: str, truth: Truth) -> str:
        return (
            f"{name}: paragraphs {self.paragraphs:.1%}, percentages {self.percents:.1%}, "
            f"assignments {self.assigned}/{len(truth.assigned)}, false {len(self.false_assigned) + len(self.false_percents)}"
        )


def percents_of(paragraphs: tuple[str, ...]) -> Counter[str]:
    return Counter(each for text in paragraphs for each in re.findall(r"\d+(?:,\d+)?%", text))


def shares(draft: Draft, truth: Truth) -> Shares:
    """Compare a draft with the truth; percentages and the assignments of the pilots only."""
    have = [folded(each.text) for each in draft.paragraphs]
    want = [folded(each) for each in truth.paragraphs]
    matched = sum(block.size for block in SequenceMatcher(None, want, have, autojunk=False).get_matching_blocks())
    percents = Counter(each.value_words.replace(" ", "") for each in draft.targets if each.unit == "%")
    assigned = {
        (each.pilot, name) for each in draft.assignments if each.task.startswith("Mô hình") for name in each.lead
    }
    found = sum((percents & truth.percents).values())
    return Shares(
        paragraphs=matched / len(want),
        percents=found / max(sum(truth.percents.values()), 1),
        assigned=len(assigned & truth.assigned),
        false_assigned=tuple(sorted(assigned - truth.assigned)),
        false_percents=tuple(sorted((percents - truth.percents).elements())),
    )


def not_in_the_words(draft: Draft) -> list[str]:  # noqa: C901, PLR0912  one look for each kind of value
    """Return every value of targets, assignments, duties, days and clauses that its cited paragraph does not hold."""
    text = {each.address: folded(each.text) for each in draft.paragraphs}
    missing = []

    def stands(what: str, words: str, at: str) -> None:
        if words and folded(words) not in text[at]:
            missing.append(f"{what}: «{words}» is not in {at}")

    for target in draft.targets:
        stands(f"{target.id} value", target.value_words, target.at)
        if not any(folded(target.counted) in each for each in text.values()):  # the head of a column, for one
            missing.append(f"{target.id} counted: «{target.counted}»")
        stands(f"{target.id} words", target.words, target.at)
        if target.change:
            stands(f"{target.id} change", target.change, target.at)
    for task in draft.assignments:
        task_text = " ".join(text.values())
        if folded(task.task) not in task_text:
            missing.append(f"{task.id} task: «{task.task}»")
        for name in task.lead:
            stands(f"{task.id} lead", name, task.lead_at)
        places = [text[at] for at in (task.coordinate_at, task.at, task.lead_at) if at]
        missing += [
            f"{task.id} coordinate: «{name}»"
            for name in task.coordinate
            if not any(folded(name) in each for each in places)
        ]
        if folded(task.result) not in task_text:
            missing.append(f"{task.id} result: «{task.result}»")
    for each in (*draft.targets, *draft.assignments, *draft.deadlines):
        if each.deadline:
            stands(f"{each.id} deadline", each.deadline.words, each.deadline.at)
            if each.deadline.day and not each.deadline.year_at:
                year = str(each.deadline.day.year)
                is_before = (
                    "trước" in each.deadline.words.lower() and str(each.deadline.day.year + 1) in each.deadline.words
                )
                if year not in each.deadline.words and not is_before:
                    missing.append(f"{each.id} year {year}: «{each.deadline.words}»")
    for duty in draft.duties:
        stands(f"{duty.id} every", duty.every_words, duty.at)
        stands(f"{duty.id} day", duty.day_words, duty.at)
    for clause in draft.clauses:
        stands(f"{clause.id} quote", clause.words, clause.at)
    for unit in draft.units:
        stands(f"{unit.id} name", unit.words, unit.at)
    for unsure in draft.unsure:
        stands(f"{unsure.id} words", unsure.words, unsure.at)
    return missing
