"""Which source counts is said by the plan, from a day on; drill-down and figure agree; an estimated count says so."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from diem06.core.access import Role
from diem06.core.areas.actions import load_areas
from diem06.core.plans.actions import load_plan
from diem06.core.plans.queries import Loaded, loaded_plan
from diem06.core.roster import Grade
from diem06.cube.board import forget_boards
from diem06.cube.engine.sketch import STANDARD_ERROR
from diem06.cube.figures import board
from diem06.cube.tests.by_row import explain
from diem06.reports.screens.beside import approximate_words
from diem06.reports.tests.factories import signed_in
from tests.test_second_plan import AT, COMMUNES, DATA, declare, toy
from tests.toy.measures import COUNTER, FILE
from tests.toy.models import ToyCoverage

PLAN = DATA / "song_may_2024"
ORDER = 'order = ["evidenced", "imported", "declared"]'
ROW = '\n\n[[precedence]]\nfrom = {day}\nsource = "{source}"\nmeasures = ["{measure}"]\norder = ["{order}"]'


def load(folder: Path, *rows: str, approximate: bool = False) -> Loaded:
    """Load the invented plan with more rows on which source counts, or with its count of people estimated."""
    for name in ("areas", "parents"):
        (folder / f"{name}.csv").write_bytes((DATA / f"song_may_2024_{name}.csv").read_bytes())
    head = "effective,old_code,old_valid_from,new_code,new_valid_from,share_population,share_area,basis\n"
    (folder / "succession.csv").write_text(head, encoding="utf-8")
    load_areas(folder)
    plan = folder / "plan"
    plan.mkdir()
    for file in PLAN.glob("*.toml"):
        text = file.read_text(encoding="utf-8").replace(ORDER, ORDER + "".join(rows))
        if approximate:
            text = text.replace('kind = "distinct"\ngrain', 'kind = "distinct"\napproximate = true\ngrain')
        (plan / file.name).write_text(text, encoding="utf-8")
    load_plan(folder=plan, at=AT, is_made_up=True)
    forget_boards()
    return loaded_plan()


def row(measure: str, *order: str, day: str = "2024-01-02", source: str = "ý kiến: thử") -> str:
    return ROW.format(day=day, source=source, measure=measure, order='", "'.join(order))


@pytest.fixture
def plan(db: None, tmp_path: Path) -> Callable[..., Loaded]:
    return lambda *rows, **named: load(tmp_path, *rows, **named)


def typed_and_recorded(loaded: Loaded) -> None:
    """The office types 500 and 30, the counter recorded 40 where it holds everything, and 7 where it does not."""
    values = {"99101": 500, "99102": 30}
    declare(loaded, "phong-gddt", {("meals_served", "paid_by=state", area): value for area, value in values.items()})
    ToyCoverage.objects.create(source=COUNTER, measure="meals_served", area="99101")
    toy(COUNTER, "meals_served", "99101", 40, dimensions="paid_by=state")
    toy(COUNTER, "meals_served", "99102", 7, dimensions="paid_by=state")


def test_declared_may_count_before_what_is_recorded(plan: Callable[..., Loaded]) -> None:
    """The records then stand beside, whole: with what they say where they hold everything and where they do not."""
    loaded = plan(row("meals_served", "declared", "evidenced", "imported"))
    typed_and_recorded(loaded)
    figure = board(loaded, "2024-01").figure("B1")
    assert (figure.numerator, figure.grade, figure.shares) == (530, Grade.DECLARED, {Grade.DECLARED: 1})
    assert ("num", COUNTER, 47) in figure.beside
    facts = [fact for fact in explain(loaded, figure.key).facts if fact.side == "num"]
    assert ({fact.source for fact in facts}, sum(fact.value for fact in facts)) == ({"declared"}, 530)


def test_a_rule_of_a_later_day_does_not_reach_the_window(plan: Callable[..., Loaded]) -> None:
    """January is read by the rule of January's last day."""
    loaded = plan(row("meals_served", "declared", "evidenced", "imported", day="2024-02-01", source="Công văn 7"))
    typed_and_recorded(loaded)
    assert board(loaded, "2024-01").figure("B1").numerator == 70
    assert ("num", "declared", 530) in board(loaded, "2024-01").figure("B1").beside


def test_where_no_source_is_whole_the_first_that_speaks_counts(plan: Callable[..., Loaded]) -> None:
    """They are never added: two sources may tell of the same meal."""
    loaded = plan(row("meals_served", "imported", "evidenced", "declared"))
    toy(COUNTER, "meals_served", "99101", 5, dimensions="paid_by=state")
    toy(FILE, "meals_served", "99101", 90, dimensions="paid_by=state")
    figure = board(loaded, "2024-01").figure("B1", area="99101")
    assert (figure.numerator, figure.grade) == (90, Grade.IMPORTED)
    assert figure.beside == (("num", COUNTER, 5), ("den", COUNTER, 5))


def test_beside_the_figure_of_a_unit_stands_what_is_said_of_the_unit(plan: Callable[..., Loaded]) -> None:
    """What was recorded of another unit does not."""
    loaded = plan()
    declare(loaded, "phong-gddt", {("meals_served", "paid_by=state", "99101"): 50})
    toy(COUNTER, "meals_served", "99101", 7, dimensions="paid_by=state")
    toy(COUNTER, "meals_served", "99101", 100, dimensions="paid_by=state", unit="tt-y-te")
    figure = board(loaded, "2024-01").figure("B1", unit="phong-gddt")
    assert ("num", COUNTER, 7) in figure.beside


def test_people_who_are_named_and_people_who_are_declared_stand_beside_each_other(plan: Callable[..., Loaded]) -> None:
    """Names without coverage do not count against what is declared; with coverage they do, and the other way round."""
    loaded = plan()
    declare(loaded, "phong-gddt", {("pupils_eating", "", area): 9 for area in ("991", "99101")})
    for pupil in ("an", "binh"):
        toy(COUNTER, "pupils_eating", "99101", entity=pupil)
    figure = board(loaded, "2024-01").figure("B3")
    assert (figure.value, figure.beside) == (9, (("num", COUNTER, 2),))
    assert {fact.source for fact in explain(loaded, figure.key).facts} == {"declared"}
    ToyCoverage.objects.create(source=COUNTER, measure="pupils_eating", area="99101")
    forget_boards()
    inner, whole = (board(loaded, "2024-01").figure("B3", area=area) for area in ("99101", "991"))
    assert (inner.value, inner.beside) == (2, (("num", "declared", 9),))
    assert (whole.value, whole.beside) == (9, (("num", COUNTER, 2),))
    assert {fact.source for fact in explain(loaded, inner.key).facts} == {COUNTER}


def test_whom_another_source_names_does_not_count_where_one_holds_everybody(plan: Callable[..., Loaded]) -> None:
    """The counter holds all pupils of the first commune; the file names one more there, and one in the second."""
    loaded = plan()
    ToyCoverage.objects.create(source=COUNTER, measure="pupils_eating", area="99101")
    for source, area, pupil in (
        *((COUNTER, "99101", "an"), (COUNTER, "99101", "binh"), (FILE, "99101", "chi")),
        *((FILE, "99101", "an"), (FILE, "99102", "dung")),
    ):
        toy(source, "pupils_eating", area, entity=pupil)
    here = board(loaded, "2024-01")
    assert [here.figure("B3", area=area).value for area in (*COMMUNES, "991")] == [2, 1, None, 3]
    assert here.figure("B3").beside == (("num", FILE, 3),)
    facts = explain(loaded, here.figure("B3").key).facts
    assert sorted((fact.source, fact.area) for fact in facts) == [
        *((COUNTER, "99101"), (COUNTER, "99101"), (FILE, "99102")),
    ]


def test_an_estimated_count_says_so_and_lists_the_facts_themselves(plan: Callable[..., Loaded]) -> None:
    """Few people are told apart as if they were counted; what is declared is no estimate."""
    loaded = plan(approximate=True)
    declare(loaded, "phong-gddt", {("pupils_eating", "", "99103"): 40})
    ToyCoverage.objects.create(source=COUNTER, measure="pupils_eating", area="99101")
    ToyCoverage.objects.create(source=COUNTER, measure="pupils_eating", area="99102")
    for number in range(30):
        toy(COUNTER, "pupils_eating", COMMUNES[number % 2], entity=f"pupil {number // 3}")
    here = board(loaded, "2024-01")
    figure, typed = here.figure("B3"), here.figure("B3", area="99103")
    assert (figure.value, figure.is_approximate, figure.grade) == (10, True, Grade.EVIDENCED)
    assert (typed.value, typed.is_approximate) == (40, False)
    assert len(explain(loaded, figure.key).facts) == 30
    assert round(STANDARD_ERROR, 4) == 0.0163


def test_an_estimate_is_seen_as_one_on_every_page_and_in_excel(plan: Callable[..., Loaded], settings: Any) -> None:
    """«≈» with its error in words on the figure, the indicator, the dashboard and the area; the files say it in a column; a
    declared number beside it has no such mark."""
    loaded = plan(approximate=True)
    settings.DIEM06_CLOCK = lambda: AT
    declare(loaded, "phong-gddt", {("pupils_eating", "", "99103"): 40})
    ToyCoverage.objects.create(source=COUNTER, measure="pupils_eating", area="99101")
    ToyCoverage.objects.create(source=COUNTER, measure="pupils_eating", area="99102")
    for number in range(30):
        toy(COUNTER, "pupils_eating", COMMUNES[number % 2], entity=f"pupil {number // 3}")
    client = signed_in(Role.STANDING_OFFICE, "phong-gddt")
    here = board(loaded, "2024-01")
    figure, typed = (reverse("figure", args=[here.figure("B3", area=area).key]) for area in ("991", "99103"))
    of = "?period=2024-01"
    words = approximate_words()
    for path in (
        figure,
        f"/indicators/B3/{of}",
        f"{reverse('dashboard')}{of}&tab=no-target",
        f"/areas/991/{of}",
        f"/indicators/{of}",
    ):
        text = client.get(path).content.decode()
        assert "≈ 10" in text, path
        assert words in text.lower(), path
    assert "≈" not in client.get(typed).content.decode()
    for name, args in (("dashboard-workbook", ()), ("indicator-workbook", ("B3",)), ("area-workbook", ("991",))):
        content = client.get(f"{reverse(name, args=args)}{of}").content
        (page, *_others) = openpyxl.load_workbook(io.BytesIO(content)).worksheets
        rows = list(page.iter_rows(values_only=True))
        head = next(row for row in rows if "Cách đếm" in row)
        (row,) = [row for row in rows if any(str(cell).startswith("sm24:B3:991") for cell in row)]
        assert (row[head.index("Giá trị")], row[head.index("Cách đếm")]) == (10, words), name
    facts = openpyxl.load_workbook(io.BytesIO(client.get(f"{figure}workbook.xlsx").content)).worksheets[0]
    assert dict(facts.iter_rows(max_col=2, values_only=True))["Cách đếm"] == words


class DrillDownAgrees(HypothesisTestCase):
    """Whatever the order, coverage and facts: the facts behind a figure add up to it, at every area and for the unit."""

    @given(
        order=st.permutations(["evidenced", "imported", "declared"]),
        typed=st.dictionaries(st.sampled_from(COMMUNES), st.integers(0, 50)),
        facts=st.lists(
            st.tuples(st.sampled_from([COUNTER, FILE]), st.sampled_from(COMMUNES), st.integers(0, 9)), max_size=6
        ),
        covered=st.sets(st.tuples(st.sampled_from([COUNTER, FILE]), st.sampled_from(COMMUNES)), max_size=3),
        pupils=st.lists(
            st.tuples(st.sampled_from([COUNTER, FILE]), st.sampled_from(COMMUNES), st.sampled_from("abc")), max_size=6
        ),
        stated=st.dictionaries(st.sampled_from(["991", *COMMUNES]), st.integers(0, 9)),
    )
    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    def test_facts_add_up(
        self, order: list[str], typed: dict, facts: list, covered: set, pupils: list, stated: dict
    ) -> None:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            loaded = load(Path(folder), row("meals_served", *order), row("pupils_eating", *order))
        meals = {("meals_served", "paid_by=state", area): value for area, value in typed.items()}
        declare(loaded, "phong-gddt", meals | {("pupils_eating", "", area): n for area, n in stated.items()})
        for source, area in covered:
            for measure in ("meals_served", "pupils_eating"):
                ToyCoverage.objects.create(source=source, measure=measure, area=area)
        for source, area, value in facts:
            toy(source, "meals_served", area, value, dimensions="paid_by=state")
        for source, area, pupil in pupils:
            toy(source, "pupils_eating", area, entity=pupil)
        here = board(loaded, "2024-01")
        for named in (*({"area": area} for area in (*COMMUNES, "991")), {"unit": "phong-gddt"}):
            figure = here.figure("B1", **named)
            found = [fact.value for fact in explain(loaded, figure.key).facts if fact.side == "num"]
            assert sum(found) == (figure.numerator or 0), named
            people = here.figure("B3", **named)
            rows = explain(loaded, people.key).facts
            sources = {fact.source for fact in rows}
            assert sources <= {"declared"} or "declared" not in sources
            if sources == {"declared"}:
                assert [fact.value for fact in rows] == [people.numerator]
            else:
                assert (people.grade is Grade.DECLARED) is False
                assert bool(rows) == bool(people.numerator)
