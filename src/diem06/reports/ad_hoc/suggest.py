"""Guesses what the cells of a form are for, by the words of its heads. A person confirms each."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from diem06.core.areas.queries import AreaOn, AreaTree
from diem06.cube.keys import Printed
from diem06.reports.ad_hoc.areas import recognise
from diem06.reports.ad_hoc.specs import SUM, Catalogue, Choice, Scale, Spec, Window
from diem06.reports.ad_hoc.workbook import Grid, GridCell
from diem06.reports.mailed.words import features
from vnlib.text import fold

LOWEST: Final = 0.6
_HEADS: Final = 4  # rows of heads over the first filled one


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A cell with what it seems to be for, and the head that says so. `score` is 0 to 1."""

    spec: Spec
    head: str
    area: str
    score: float


def suggestions(grid: Grid, catalogue: Catalogue, tree: AreaTree, *, root: str, unit: str = "") -> list[Suggestion]:
    """Return a guess for each cell that may be filled and whose heads tell enough, in reading order."""
    matcher = _Matcher(catalogue)
    areas = areas_of_rows(grid, tree, root=root)
    found = []
    for row, cells in grid.rows:
        label = _row_label(cells)
        for cell in cells:
            if cell.why_not or cell.span > 1 or not _is_blank(cell):
                continue
            head = _head(grid, cell, areas)
            area = areas.get(row)
            text = head if area is not None else f"{label} . {head}"
            guess = matcher.best(text)
            if guess is None:
                continue
            choice, score = guess
            found.append(
                Suggestion(
                    spec=_spec(cell, choice, text, area, root=root, unit=unit),
                    head=" · ".join(part for part in text.split(" . ") if part)[:200],
                    area=area.short_name if area is not None else "",
                    score=score,
                )
            )
    return found


def areas_of_rows(grid: Grid, tree: AreaTree, *, root: str) -> dict[int, AreaOn]:
    """Return the area that each row is about, where at least two rows name one in the same column."""
    best: dict[int, AreaOn] = {}
    for column in range(1, min(len(grid.columns), 6) + 1):
        named = [(row, cell.text) for row, cells in grid.rows for cell in cells if cell.column == column and cell.text]
        known = recognise([text for _row, text in named], tree, root=root)
        found = {row: one.area for (row, _text), one in zip(named, known, strict=True) if one.area is not None}
        if len({area.code for area in found.values()} - {root}) >= 2 and len(found) > len(best):
            best = found
    return best


def areas_of_columns(grid: Grid, tree: AreaTree, *, root: str) -> dict[int, AreaOn]:
    """Return the area that each column is about, where one row of heads names at least two."""
    best: dict[int, AreaOn] = {}
    for _row, cells in grid.rows[:12]:
        named = [(cell.column, cell.text) for cell in cells if cell.text]
        known = recognise([text for _column, text in named], tree, root=root)
        found = {column: one.area for (column, _text), one in zip(named, known, strict=True) if one.area is not None}
        if len({area.code for area in found.values()} - {root}) >= 2 and len(found) > len(best):
            best = found
    return best


def _is_blank(cell: GridCell) -> bool:
    return not cell.text or not cell.text.strip(" .…_-–0")


def _row_label(cells: Sequence[GridCell]) -> str:
    texts = [cell.text for cell in cells if cell.text and cell.why_not and len(cell.text) > 3]
    return max(texts, key=len, default="")


def _head(grid: Grid, cell: GridCell, areas: dict[int, AreaOn]) -> str:
    """Return the texts over a cell, top first, from the heads of its table."""
    first = min(areas, default=cell.row) if cell.row in areas else cell.row
    parts: list[str] = []
    for row in range(first - 1, 0, -1):
        above = grid.at(row, cell.column)
        if above is None or not above.text:
            continue
        if not above.why_not:
            break
        if above.span >= len(grid.columns) - 1:
            break  # the title over the whole table
        if not re.fullmatch(r"\(?\s*(?:\d{1,2}|[A-Z])\s*\)?(?:\s*=.*)?", above.text) and above.text not in parts:
            parts.insert(0, above.text)
        if len(parts) >= _HEADS:
            break
    return " . ".join(parts)


_WINDOWS: Final = (
    (Window.BEFORE, r"ky truoc|thang truoc|ky lien truoc"),
    (Window.TO_DATE, r"luy ke|cong don"),
    (Window.QUARTER, r"\bquy\b"),
    (Window.HALF, r"6 thang|sau thang|nua nam"),
    (Window.YEAR, r"ca nam|trong nam|nam 20\d\d"),
)


def _spec(cell: GridCell, choice: Choice, head: str, area: AreaOn | None, *, root: str, unit: str) -> Spec:
    folded = fold(head)
    window = next((window for window, pattern in _WINDOWS if re.search(pattern, folded)), Window.THIS)
    part = SUM
    if choice.what.startswith("i:"):
        part = Printed.VALUE.value
        if re.search(r"\bmuc tieu\b|\bchi tieu giao\b", folded):
            part = Printed.TARGET.value
    is_whole = area is not None and area.code == root
    return Spec(
        coordinate=cell.coordinate,
        what=choice.what,
        part=part,
        area="" if area is None or is_whole else area.code,
        area_from=None if area is None or is_whole else area.valid_from,
        unit=unit,
        window=window.value,
        scale=(Scale.HUNDRED if "%" in head and not cell.is_percent else Scale.RATIO).value,
    )


class _Matcher:
    """Finds the figure or sum whose name a head comes nearest to."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._choices = [
            (choice, features(re.sub(r"\([^)]*\)", " ", name)))
            for choice in (*catalogue.figures, *catalogue.sums)
            for name in choice.names
        ]
        count = Counter(feature for _choice, wanted in self._choices for feature in wanted)
        self._weights = {feature: math.log(1 + len(self._choices) / number) for feature, number in count.items()}

    def best(self, head: str) -> tuple[Choice, float] | None:
        """Return the nearest choice, where one is near enough and no other as near."""
        said = features(head)
        known = {feature for feature in said if feature in self._weights}
        if not known:
            return None
        folded = fold(head)
        is_share = "%" in head or re.search(r"\bty le\b|\bti le\b", folded) is not None
        all_said = sum(self._weights[feature] for feature in known)
        scored = []
        for choice, wanted in self._choices:
            common = sum(self._weights[feature] for feature in wanted & known)
            whole = sum(self._weights[feature] for feature in wanted)
            if not common or not whole:
                continue
            # The harmonic mean: the head says all of the name, and little else.
            score = 2 * common / (whole + all_said)
            if choice.is_share != is_share:
                score *= 0.6
            scored.append((score, choice))
        scored.sort(key=lambda each: (-each[0], each[1].what))
        if not scored or scored[0][0] < LOWEST:
            return None
        if len(scored) > 1 and scored[1][0] > scored[0][0] - 0.03 and scored[1][1].what != scored[0][1].what:
            return None
        return scored[0][1], round(scored[0][0], 3)
