"""
A plan of another district on another topic runs a month, with no code changed: and the cube is not shaped by declared
values alone, for a toy app supplies evidenced and imported facts of the same measures.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from diem06.core.access import Role
from diem06.core.areas.actions import load_areas
from diem06.core.organisation.actions import add_person, give_role, new_totp_secret, set_totp
from diem06.core.plans.actions import load_plan
from diem06.core.plans.cells import Cell
from diem06.core.plans.models import Period
from diem06.core.plans.queries import Loaded, cells_owed, loaded_plan, obligations_of, period
from diem06.core.roster import Grade
from diem06.cube.actions import facts_changed, issue_revision
from diem06.cube.board import forget_boards
from diem06.cube.figures import FigureQuery, board, figures
from diem06.cube.standing import Standing
from diem06.cube.tests.by_row import explain
from diem06.plan.model import Level
from diem06.plan.periods import window_of
from diem06.reports.actions import Entry, open_reports, save_narrative, save_values
from diem06.reports.models import Heading, Report
from diem06.reports.word.actions import issue_report
from tests.toy.measures import COUNTER, FILE
from tests.toy.models import ToyCoverage, ToyFact
from vnlib.documents import read

DATA = Path(__file__).parent / "data" / "plans"
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
AT = datetime(2024, 1, 30, 8, 0, tzinfo=VIETNAM)
DAY = date(2024, 1, 31)
COMMUNES = ("99101", "99102", "99103")


def load(tmp_path: Path) -> Loaded:
    """Load the invented district and its plan."""
    for name in ("areas", "parents"):
        (tmp_path / f"{name}.csv").write_bytes((DATA / f"song_may_2024_{name}.csv").read_bytes())
    (tmp_path / "succession.csv").write_text(
        "effective,old_code,old_valid_from,new_code,new_valid_from,share_population,share_area,basis\n",
        encoding="utf-8",
    )
    load_areas(tmp_path)
    load_plan(folder=DATA / "song_may_2024", at=AT, is_made_up=True)
    forget_boards()
    return loaded_plan()


@pytest.fixture
def loaded(db: None, tmp_path: Path) -> Loaded:
    return load(tmp_path)


def january(loaded: Loaded) -> Period:
    found = period(loaded.plan, "2024-01")
    assert found is not None
    return found


def declare(loaded: Loaded, unit: str, values: dict[tuple[str, str, str], int]) -> None:
    """Let a unit type values: by measure, dimension values and area."""
    open_reports(period=january(loaded), plan=loaded.plan, at=AT)
    report = Report.objects.get(period=january(loaded), unit=unit)
    owed = {
        (cell.measure, cell.dimensions, cell.area): cell
        for cell in cells_owed(obligations_of(unit, report.period), plan=loaded.plan, on=DAY)
    }
    entries = [Entry(cell=owed[key], value=value) for key, value in values.items()]
    save_values(report=report, plan=loaded.plan, entries=entries, at=AT, by=None)


def toy(source: str, measure: str, area: str, value: int = 1, **named: object) -> None:
    """Let the toy app record a fact."""
    with transaction.atomic():
        _toy(source, measure, area, value, named)


def _toy(source: str, measure: str, area: str, value: int, named: dict[str, object]) -> None:
    defaults = {"day": DAY, "recorded_at": AT, "unit": "phong-gddt", "record": f"{measure}/{ToyFact.objects.count()}"}
    ToyFact.objects.create(
        source=source, measure=measure, area=area, area_valid_from=date(2020, 1, 1), value=value, **(defaults | named)
    )
    facts_changed(source=source, day=defaults["day"] if "day" not in named else named["day"])


def test_a_month_of_declared_values(loaded: Loaded) -> None:
    """A flow, a stock with a deadline ahead, a distinct count and two undecided readings, of the district and a commune."""
    declare(
        loaded,
        "phong-gddt",
        {
            ("meals_served", "paid_by=state", "99101"): 60,
            ("meals_served", "paid_by=family", "99101"): 20,
            ("meals_served", "paid_by=state", "99102"): 30,
            ("meals_served", "paid_by=family", "99102"): 50,
            ("schools", "kitchen=standard", "99101"): 2,
            ("schools", "kitchen=other", "99101"): 2,
            ("pupils_eating", "", "991"): 90,
            ("pupils_eating", "", "99101"): 70,
            ("pupils_eating", "", "99102"): 40,
        },
    )
    here = board(loaded, "2024-01")
    meals = here.figure("B1")
    assert (meals.numerator, meals.denominator) == (90, 160)
    assert meals.value == Decimal(90) / 160
    assert meals.gap == Decimal("0.6") * 160 - 90
    assert meals.standing is Standing.BELOW
    assert (meals.reported, meals.expected, meals.missing) == (0, 1, ("phong-gddt",))  # one commune is not typed yet
    kitchens = here.figure("B2", area="99101")
    assert (kitchens.value, kitchens.standing) == (Decimal("0.5"), Standing.ON_TRACK)
    pupils = here.figure("B3")
    assert pupils.value == 90  # not the 110 of its communes
    assert here.figure("B3", area="99103").standing is Standing.NO_DATA
    assert here.figure("B4a").standing is Standing.NO_DATA


def test_an_undecided_reading_in_parts_shows_its_lowest_part_without_a_target(loaded: Loaded) -> None:
    """Both readings stand side by side; neither has a target before somebody decides."""
    values = {
        "food=cooked;outcome=passed": 9,
        "food=cooked;outcome=failed": 1,
        "food=raw;outcome=passed": 3,
        "food=raw;outcome=failed": 3,
    }
    declare(loaded, "tt-y-te", {("samples", text, "991"): value for text, value in values.items()})
    here = board(loaded, "2024-01")
    together, apart = here.figure("B4a"), here.figure("B4b")
    assert (together.value, apart.value) == (Decimal(12) / 16, Decimal("0.5"))
    assert {together.standing, apart.standing} == {Standing.NO_TARGET}
    assert [part.numerator for part in apart.parts] == [9, 3]


def test_a_covering_source_wins_and_the_mixed_figure_says_so(loaded: Loaded) -> None:
    """Where the counter covers a commune its records stand and the typed value stands beside; elsewhere the typed one."""
    declare(
        loaded,
        "phong-gddt",
        {
            ("meals_served", "paid_by=state", "99101"): 500,
            ("meals_served", "paid_by=family", "99101"): 0,
            ("meals_served", "paid_by=state", "99102"): 30,
            ("meals_served", "paid_by=family", "99102"): 10,
        },
    )
    ToyCoverage.objects.create(source=COUNTER, measure="meals_served", area="99101")
    toy(COUNTER, "meals_served", "99101", 40, dimensions="paid_by=state")
    toy(COUNTER, "meals_served", "99101", 20, dimensions="paid_by=family")
    figure = board(loaded, "2024-01").figure("B1")
    assert (figure.numerator, figure.denominator) == (70, 100)
    assert figure.grade is Grade.DECLARED
    assert figure.shares == {Grade.EVIDENCED: Decimal("0.6"), Grade.DECLARED: Decimal("0.4")}
    assert ("num", "declared", 530) in figure.beside  # all that was typed, against the 70


def test_an_uncovered_source_stands_beside_a_declared_value(loaded: Loaded) -> None:
    """Records that are not whole never replace what a unit declared: both are shown."""
    declare(
        loaded,
        "phong-gddt",
        {("meals_served", "paid_by=state", "99101"): 50, ("meals_served", "paid_by=family", "99101"): 50},
    )
    toy(COUNTER, "meals_served", "99101", 7, dimensions="paid_by=state")
    figure = board(loaded, "2024-01").figure("B1", area="99101")
    assert figure.numerator == 50
    assert ("num", COUNTER, 7) in figure.beside


def test_people_are_counted_once_at_each_level(loaded: Loaded) -> None:
    """A pupil who eats in two communes counts in both and once in the district."""
    ToyCoverage.objects.create(source=COUNTER, measure="pupils_eating", area="991")
    for area, pupil in (("99101", "an"), ("99101", "binh"), ("99102", "an"), ("99102", "an")):
        toy(COUNTER, "pupils_eating", area, entity=pupil)
    here = board(loaded, "2024-01")
    assert [here.figure("B3", area=area).value for area in COMMUNES] == [2, 1, 0]
    assert here.figure("B3").value == 2
    assert here.figure("B3").grade is Grade.EVIDENCED


def test_an_imported_state_goes_on_and_says_that_it_is_old(loaded: Loaded) -> None:
    """The file of December stands in January, marked stale."""
    ToyCoverage.objects.create(source=FILE, measure="schools", area="99102")
    toy(FILE, "schools", "99102", 3, dimensions="kitchen=standard", day=date(2023, 12, 20))
    toy(FILE, "schools", "99102", 1, dimensions="kitchen=other", day=date(2023, 12, 20))
    figure = board(loaded, "2024-01").figure("B2", area="99102")
    assert (figure.value, figure.is_stale, figure.grade) == (Decimal("0.75"), True, Grade.IMPORTED)


def test_nothing_reported_is_no_data_and_never_zero(loaded: Loaded) -> None:
    """Before anybody types there is no value anywhere."""
    found = list(figures(FigureQuery(loaded=loaded, windows=("2024-01",))))
    assert {figure.standing for figure in found} == {Standing.NO_DATA}
    assert {figure.value for figure in found} == {None}


def test_an_earlier_revision_can_be_read_again(loaded: Loaded) -> None:
    """After a correction the figure of the revision that was handed out still opens to the old value and its facts."""
    declare(
        loaded,
        "phong-gddt",
        {("meals_served", "paid_by=state", "99101"): 8, ("meals_served", "paid_by=family", "99101"): 2},
    )
    window = window_of(loaded.plan, "2024-01")
    first = issue_revision(loaded=loaded, window=window, at=AT)
    old = board(loaded, "2024-01").figure("B1")
    report = Report.objects.get(unit="phong-gddt", period=january(loaded))
    cell = Cell(
        measure="meals_served", dimensions="paid_by=state", area="99101", area_valid_from=date(2020, 1, 1),
        unit="phong-gddt", day=DAY,
    )  # fmt: skip
    later = AT.replace(hour=20)
    save_values(report=report, plan=loaded.plan, entries=[Entry(cell=cell, value=1)], at=later, by=None)
    assert first.number == 1
    assert board(loaded, "2024-01").figure("B1").revision == 2
    was = explain(loaded, old.key)
    assert (was.figure.value, was.is_current) == (Decimal("0.8"), False)
    assert sum(fact.value for fact in was.facts if fact.side == "num") == 8


typed = st.dictionaries(
    st.tuples(st.sampled_from(["paid_by=state", "paid_by=family"]), st.sampled_from(COMMUNES)), st.integers(0, 50)
)
counted = st.lists(
    st.tuples(st.sampled_from(["paid_by=state", "paid_by=family"]), st.sampled_from(COMMUNES), st.integers(0, 50)),
    max_size=5,
)


class EveryFigureEqualsTheOracle(HypothesisTestCase):
    """Random declared values, records and coverage: every figure of the flow equals what plain Python finds."""

    @given(declared=typed, records=counted, covered=st.sets(st.sampled_from(COMMUNES)))
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_flow(self, declared: dict, records: list, covered: set) -> None:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            loaded = load(Path(folder))
        declare(loaded, "phong-gddt", {("meals_served", text, area): value for (text, area), value in declared.items()})
        for area in covered:
            ToyCoverage.objects.create(source=COUNTER, measure="meals_served", area=area)
        for text, area, value in records:
            toy(COUNTER, "meals_served", area, value, dimensions=text)
        known: dict[str, tuple[int, int]] = {}
        for area in COMMUNES:
            typed_here = {text: value for (text, place), value in declared.items() if place == area}
            found_here = [(text, value) for text, place, value in records if place == area]
            is_recorded = area in covered or (found_here and not typed_here)
            rows = found_here if is_recorded else list(typed_here.items())
            state = [value for text, value in rows if text == "paid_by=state"]
            if area in covered or state:  # paired: without a numerator the denominator does not count
                known[area] = (sum(state), sum(value for _, value in rows))
        here = board(loaded, "2024-01")
        for area in (*COMMUNES, "991"):
            parts = [pair for place, pair in known.items() if area in (place, "991")]
            figure = here.figure("B1", area=area)
            wanted = (sum(n for n, _ in parts), sum(d for _, d in parts)) if parts else (None, None)
            assert (figure.numerator, figure.denominator) == wanted, area
        assert set(here.levels("B1")) == {Level.DISTRICT, Level.COMMUNE}


def test_the_month_ends_in_pages_and_a_word_report(loaded: Loaded, client: Client, settings: Any) -> None:
    """The same pages and the same report serve the other plan: its own words, units and kinds."""
    settings.DIEM06_CLOCK = lambda: AT
    declare(
        loaded,
        "phong-gddt",
        {("meals_served", "paid_by=state", "99101"): 60, ("meals_served", "paid_by=family", "99101"): 20},
    )
    report = Report.objects.get(period=january(loaded), unit="phong-gddt")
    save_narrative(report=report, heading=Heading.GOOD, text="Bếp mới chạy đều.", at=AT, by=None)
    kind = loaded.plan.report.kinds[-1]
    issued = issue_report(loaded=loaded, period=january(loaded), kind=kind, at=AT, by=None)
    document = read(issued.file)
    assert "Bếp mới chạy đều." in document.text
    assert "75,0%" in document.text
    assert "Bắc Giang" not in document.text
    assert "%" not in document.text_outside_controls
    user = add_person(username="ban-chi-dao", full_name="Lê Thị Mây", password="mot-mat-khau-dai")
    give_role(user=user, role=Role.CHAIRMAN_OFFICE, unit=loaded.plan.issuer, from_day=date(2024, 1, 2))
    set_totp(user, new_totp_secret())
    client.force_login(user)
    for url in ("/dashboard/?period=2024-01", "/plan/?period=2024-01", "/indicators/B1/?period=2024-01", "/reports/"):
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert "Bắc Giang" not in answer.content.decode(), url
