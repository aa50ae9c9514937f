"""
Every figure that a page of a month links to opens, says the same number, and its facts add up to it.

Not a sample: each link of the dashboard, the living plan, the lists and pages of indicators, units and areas, as the standing
office sees them and as a unit does. What is computed alike for all figures is asked in process; of each kind of page one
figure is opened and taken as Excel over HTTP.
"""

from __future__ import annotations

import html
import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from django.test import Client, override_settings
from django.urls import reverse

from diem06.core.access import Grant, Role, Subject
from diem06.core.areas.queries import AreaOn
from diem06.core.plans.actions import load_plan
from diem06.core.plans.queries import Loaded, loaded_plan
from diem06.core.ui.numbers import number as vnum
from diem06.cube.behind import Behind, Choice, LineFacts
from diem06.cube.closing.actions import close_period
from diem06.cube.closing.queries import closed_figures, closing_of
from diem06.cube.closing.record import as_closed
from diem06.cube.figures import Board, Figure, figure_at
from diem06.cube.keys import parse_key
from diem06.cube.models import ClosedFigure
from diem06.cube.tests.by_row import explain
from diem06.cube.trace import Counted
from diem06.pilots.heritage_sites.demo.register import build as build_register
from diem06.pilots.heritage_sites.demo.visits import build as build_visits
from diem06.plan.reader import bundle_path
from diem06.reports import demo
from diem06.reports.screens.area import rows_in
from diem06.reports.screens.outlook import Outlook, outlook
from diem06.reports.screens.places import value_words
from diem06.reports.tests.factories import month, signed_in
from diem06.reports.views.figure import is_own

MONTHS = ("2023-07", "2023-08")
CLOSED, OPEN = MONTHS
AT = demo.NOW.replace(year=2023, month=8)
OFFICE = Subject(1, "Cơ quan thường trực", frozenset({Grant(Role.STANDING_OFFICE, "cong-an-tinh")}))
UNIT = "ubnd-tan-yen"
REPORTER = Subject(2, "Người nhập", frozenset({Grant(Role.UNIT_REPORTER, UNIT)}))
_LINK = re.compile(r'<a\b[^>]*?href="(/figures/[^"?#]+/)([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_UNSEEN = re.compile(r'<span class="vh">.*?</span>', re.DOTALL)
_NUMBER = re.compile(r"(?:≈ )?−?[\d.]+(?:,\d+)?%?|—")


@pytest.fixture(scope="module")
def made(prepared: Callable[..., Any]) -> Loaded:
    """Two months, the register of sites and the visits at their gates beside what is declared of them; the first is closed."""

    def build() -> Loaded:
        load_plan(folder=bundle_path("bac-giang-2023"), at=AT, is_made_up=True)
        loaded = loaded_plan()
        for index, code in enumerate(MONTHS):
            demo.make_month(plan=loaded.plan, period=month(loaded, code), month=index, people={}, seed=demo.SEED)
        with override_settings(DIEM06_CLOCK=lambda: AT):
            build_register(MONTHS)
            build_visits(MONTHS)
        closed = month(loaded, CLOSED)
        close_period(loaded=loaded, period=closed, at=AT, by=None)
        return loaded

    made: Loaded = prepared("two months with records, one closed", build)
    return made


@pytest.fixture
def loaded(made: Loaded, db: None, settings: Any) -> Loaded:
    settings.DIEM06_CLOCK = lambda: AT
    return made


@dataclass
class Walk:
    """What the pages of one person link to: by figure, the page and the number that stands there."""

    client: Client
    seen: Outlook
    shown: dict[str, set[tuple[str, str]]] = field(
        default_factory=lambda: defaultdict(set)
    )  # key: (kind of page, number)
    sides: dict[str, set[tuple[str, str, str, str]]] = field(default_factory=lambda: defaultdict(set))
    first: dict[str, str] = field(default_factory=dict)  # kind of page: a key on it
    pages: int = 0

    def look(self, kind: str, url: str) -> str:
        answer = self.client.get(url)
        assert answer.status_code == 200, url
        self.pages += 1
        text = answer.content.decode()
        for path, query, inner in _LINK.findall(text):
            key = html.unescape(path).removeprefix("/figures/").removesuffix("/")
            words = html.unescape(re.sub(r"<[^>]+>", "", _UNSEEN.sub("", inner))).strip()
            narrowed = parse_qs(urlsplit(html.unescape(query)).query)
            if narrowed:  # a link to one side of it, or to what another source says
                self.sides[key].add((kind, words, *(narrowed.get(name, [""])[0] for name in ("side", "source"))))
            else:
                self.shown[key].add((kind, words if _NUMBER.fullmatch(words) else ""))
            self.first.setdefault(kind, key)
        return text

    def walk(self) -> None:
        of = f"?period={self.seen.period.code}"
        self.look("dashboard", reverse("dashboard") + of)
        self.look("plan", reverse("living-plan") + of)
        self.all_pages("indicators", reverse("indicators") + of)
        for indicator in self.seen.indicators:
            self.look("indicator", reverse("indicator", args=[indicator.code]) + of)
        owners = {unit for code in self.seen.board.lines for unit in self.seen.board.owners(code)}
        for unit in sorted(owners) if self.seen.is_whole else [self.seen.unit]:
            self.look("unit", reverse("unit", args=[unit]) + of)
        for area in self.seen.tree:
            if not self.seen.sees_area(area.code):
                continue
            if area.level == "commune" and self.seen.is_whole:
                self.rows(area)
            else:
                self.look("area", reverse("area", args=[area.code]) + of)
        if self.seen.is_whole:
            for level in ("district", "commune"):
                self.all_pages("areas", f"{reverse('areas')}{of}&level={level}")

    def rows(self, area: AreaOn) -> None:
        """Take what the page of an area prints from where it takes it: there are two hundred communes, and one template."""
        for row in rows_in(self.seen, area):
            self.shown[row.figure.key].add(("commune", value_words(row.figure)))
            self.first.setdefault("commune", row.figure.key)

    def all_pages(self, kind: str, url: str) -> None:
        number = 1
        while f"page={number + 1}" in self.look(kind, f"{url}&page={number}"):
            number += 1


@dataclass
class Facts:
    """Figures by key, as `figure_at` gives them, and the facts of each line: boards and facts are read once for all keys."""

    loaded: Loaded
    open: ExitStack
    boards: dict[tuple[str, int], Board] = field(default_factory=dict)
    closed: dict[str, tuple[int, Mapping[tuple[str, str, str], ClosedFigure]]] = field(default_factory=dict)
    kept: dict[tuple[int, str], LineFacts] = field(default_factory=dict)

    def of(self, key: str) -> tuple[Figure, LineFacts]:
        """Return the figure that its page shows, and the facts of its line."""
        wanted = parse_key(key)
        if (wanted.window, wanted.revision) not in self.boards:
            self.boards[wanted.window, wanted.revision] = figure_at(self.loaded, key)[1]
            closing = closing_of(self.loaded.plan.id, wanted.window)
            self.closed[wanted.window] = (closing.revision, closed_figures(closing)) if closing else (0, {})
        here = self.boards[wanted.window, wanted.revision]
        unit = next((code for code, unit in here.units.items() if unit.key == wanted.unit), "") if wanted.unit else ""
        figure = here.figure(wanted.code, area=wanted.area, unit=unit, revision=wanted.revision)
        assert figure.key == key
        if (id(here), figure.code) not in self.kept:
            self.kept[id(here), figure.code] = self.open.enter_context(LineFacts(here, here.lines[figure.code]))
        revision, rows = self.closed[wanted.window]
        row = rows.get((wanted.code, wanted.area, unit)) if revision == wanted.revision else None
        return as_closed(figure, row) if row else figure, self.kept[id(here), figure.code]


def area_of(figure: Figure) -> str:
    return figure.area.code if figure.area else ""


@pytest.mark.parametrize(
    ("subject", "period", "least"), [(OFFICE, CLOSED, 5_000), (REPORTER, OPEN, 100)], ids=["office", "reporter"]
)
def test_every_figure_of_a_month_leads_to_facts_that_add_up_to_it(
    loaded: Loaded, subject: Subject, period: str, least: int
) -> None:
    (grant,) = subject.grants
    walk = Walk(client=signed_in(grant.role, grant.unit), seen=outlook(subject, period=period, at=AT))
    walk.walk()
    assert len(walk.shown) > least
    wrong: list[str] = []
    with ExitStack() as stack:
        facts = Facts(loaded, stack)
        for key, stands in walk.shown.items():
            figure, found = facts.of(key)
            wrong += [
                f"{key}: {kind} shows {words}, its page {value_words(figure)}"
                for kind, words in stands
                if words and words != value_words(figure)
            ]
            wrong += [
                f"{key}: {kind} shows {words} of {side} {source}, its page {vnum(said(figure, side, source))}"
                for kind, words, side, source in walk.sides.get(key, ())
                if words != vnum(said(figure, side, source))
            ]
            wrong += [f"{key}: {fault}" for fault in faults(figure, found)]
            if not (subject is OFFICE or is_own(figure, found.board, subject.units)):
                wrong.append(f"{key}: is linked to, and does not open for who sees the link")
    assert wrong == []
    for kind, key in walk.first.items():
        assert_opens(walk.client, loaded, key, kind)


def said(figure: Figure, side: str, source: str) -> Decimal | int | None:
    """Return one side of a figure or (`num-2`) of a part of it, or what a source beside it says of that side."""
    side, _dash, part = side.partition("-")
    here = figure.parts[int(part) - 1] if part else figure
    if source:
        return next((value for name, code, value in here.beside if (name, code) == (side, source)), None)
    return here.numerator if side == "num" else here.denominator


def faults(figure: Figure, facts: LineFacts) -> Iterator[str]:
    """Say where facts do not add up: to a part's side (a distinct count: by its persons), to what another source says of it."""
    area, unit = facts.board.cell_of(facts.line, area_of(figure), figure.unit or "")
    wanted = [(part.numerator, part.denominator) for part in figure.parts] or [(figure.numerator, figure.denominator)]
    sums = _sums(facts, "listed", facts.counted(area=area, unit=unit))
    for part, sides in enumerate(wanted):
        for side, number in zip(("num", "den"), sides, strict=True):
            if number is not None and sums.get((part, side, ""), 0) != number:
                yield f"{side} of part {part} is {number}, its facts come to {sums.get((part, side, ''))}"
    if sources := figure.sources_beside:
        said = _sums(facts, "said", facts.said(area=area, unit=unit, sources=sources))
        for number, part in enumerate(figure.parts or (figure,)):
            for side, source, value in part.beside:
                if said.get((number, side, source), 0) != value:
                    yield f"{source} says {value} of {side} of part {number}, its facts come to {said.get((number, side, source))}"


def _sums(facts: LineFacts, name: str, counted: list[Counted]) -> dict[tuple[int, str, str], int]:
    """Add up by part, side and source (empty: of all): groups of facts know their sums; persons are counted in the engine."""
    found: dict[tuple[int, str, str], int] = defaultdict(int)
    if any(each.row["is_named"] for each in counted):
        facts.choose(name, counted)
        for source in ("", *{each.row["source"] for each in counted}):
            for each in facts.sums(name, Choice(source=source)):
                found[each.part, each.side, source] = each.total or 0
        return found
    for each in counted:
        for source in ("", each.row["source"]):
            found[each.part, each.side, source] += each.sign * each.row["total"]
    return found


def assert_opens(client: Client, loaded: Loaded, key: str, kind: str) -> None:
    """The figure's page opens and its Excel file has as many rows, of the same sums, as it says."""
    text = client.get(reverse("figure", args=[key])).content.decode()
    listed = re.search(r'aria-live="polite">([\d.]+) kết quả', text)
    assert listed, (kind, key)
    facts = explain(loaded, key).facts
    assert int(listed[1].replace(".", "")) == len(facts), (kind, key)
    with Behind(loaded, key) as behind:
        sums = behind.sums()
    if not facts:
        return
    answer = client.get(reverse("figure-workbook", args=[key]))
    assert answer.status_code == 200, (kind, key)
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    head = {row[0]: row[1] for row in book.worksheets[0].iter_rows(values_only=True)}
    rows = list(book.worksheets[1].iter_rows(min_row=6, values_only=True))
    assert len(rows) == len(facts) == head["Số dòng trong tệp"], (kind, key)
    assert head["Mã số liệu"] == key
    if not any(each.is_distinct for each in sums):
        assert sum(row[6] for row in rows) == sum(each.total or 0 for each in sums), (kind, key)
