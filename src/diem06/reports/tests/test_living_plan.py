"""Facts about the living plan."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from diem06.core.plans.queries import Loaded
from diem06.cube.figures import board
from diem06.reports.screens.living_plan import ANSWERED, LivingPlan, Side, living_plan
from diem06.reports.screens.plan_text import plan_text
from diem06.reports.tests.factories import UNIT, of_unit, person_of, seen, whole_province

pytestmark = pytest.mark.django_db
URL = "/plan/"


@pytest.fixture
def screen(loaded: Loaded) -> LivingPlan:
    return living_plan(seen())


def sides(screen: LivingPlan) -> dict[str, Side]:
    """What stands beside each paragraph, by its address."""
    return {block.paragraphs[0].text.address: block.side for block in screen.blocks if block.side}


def test_the_words_of_the_plan_stand_verbatim(loaded: Loaded) -> None:
    """Cut into runs, each paragraph still is the plan's own text, marks of bold and italic aside."""
    shown = {each.address: "".join(run.text for run in each.runs) for each in plan_text(loaded).paragraphs}
    assert shown == {each.address: each.text.replace("*", "") for each in loaded.plan.paragraphs}


def test_every_clause_has_its_place_once(loaded: Loaded) -> None:
    """Each of the 55 clauses can be linked to, and its id stands in the margin."""
    text = whole_province().get(URL).content.decode()
    ids = Counter(re.findall(r' id="([^"]+)"', text))
    assert len(loaded.plan.clauses) == 55
    assert [clause.id for clause in loaded.plan.clauses if ids[clause.id] != 1] == []
    assert [name for name, count in ids.items() if count > 1] == []
    assert all(f'<a class="ad" href="#{clause.id}">{clause.id}</a>' in text for clause in loaded.plan.clauses)


def test_percentages_of_targets_are_emphasised(loaded: Loaded) -> None:
    """«50%» of II.2a is marked; «50%/70%» of A.3 is marked twice; a percentage that is no target is not."""
    marked = {each.address: [run.text for run in each.runs if run.is_target] for each in plan_text(loaded).paragraphs}
    assert marked["p014"] == ["50%"]
    assert marked["p099"] == ["100%", "70%", "50%", "70%"]
    assert marked["p005"] == []


def test_a_correction_stands_beside_the_wrong_word(loaded: Loaded) -> None:
    """The transcription's «appich» stays, and what should stand there follows it."""
    text = whole_province().get(URL).content.decode()
    assert '<span class="fix">appich</span> <span class="fixnote">[đính chính: áp phích]</span>' in text


def test_every_indicator_is_beside_the_words_that_ask_for_it(screen: LivingPlan, loaded: Loaded) -> None:
    """Each stands once, as figure, as readings, or as one that is counted with another; P1 beside «50% bộ phận …»."""
    beside = sides(screen)
    shown = Counter(each.indicator.code for side in beside.values() for each in (*side.figures, *side.readings))
    assert set(shown.values()) == {1}
    same = {each.code for each in loaded.plan.indicators if each.same_as}
    assert set(shown) == {each.code for each in loaded.plan.indicators} - same
    assert same <= {each.code for side in beside.values() for each in side.references}
    assert [each.indicator.code for each in beside["p014"].figures] == ["P1"]
    assert [each.indicator.code for each in beside["p120"].figures] == ["M7.1", "M7.2", "M7.3"]


def test_what_only_informs_has_nothing_beside_it_and_what_asks_has(screen: LivingPlan, loaded: Loaded) -> None:
    """Every clause is served: something stands beside it, unless the plan data calls it information."""
    named = {code for side in sides(screen).values() for code in side.clauses}
    assert named == {clause.id for clause in loaded.plan.clauses if not clause.information}


def test_a_reading_not_chosen_is_not_judged(screen: LivingPlan, loaded: Loaded) -> None:
    """P3 stands with both readings and their counts, without target or standing."""
    beside = sides(screen)["p016"]
    assert not beside.figures
    (box,) = beside.readings
    here = board(loaded, "2023-09")
    assert [reading.value for reading in box.readings] == [here.figure("P3a").value, here.figure("P3b").value]


def test_who_owes_and_who_is_missing_is_named(loaded: Loaded) -> None:
    """Sở Ngoại vụ sent nothing in September: P5, which all units owe, says so by name."""
    screen = living_plan(seen())
    p5 = next(each for side in sides(screen).values() for each in side.figures if each.indicator.code == "P5")
    assert p5.owing is not None
    assert p5.owing.missing == ("Sở Ngoại vụ",)
    assert p5.owing.missing_words == "thiếu Sở Ngoại vụ"
    p1 = next(each for side in sides(screen).values() for each in side.figures if each.indicator.code == "P1")
    assert p1.owing is not None
    assert p1.owing.is_complete


def test_the_contents_count_what_is_behind(screen: LivingPlan) -> None:
    """The numbers of the main sections add up to those of the whole."""
    mains = [entry for entry in screen.toc if not entry.is_inner]
    total: Counter[str] = Counter()
    for entry in mains:
        total.update(dict(entry.counts))
    assert total == {name: screen.counts[name] for name in ("missed", "at_risk", "below") if screen.counts.get(name)}
    assert "I. Mục đích, yêu cầu" in [entry.title for entry in mains]


def test_a_unit_sees_the_text_with_its_own_figures(loaded: Loaded) -> None:
    """All of the plan's words, and beside them that unit's figures alone; nobody else is named there."""
    screen = living_plan(seen(person_of(UNIT)))
    assert len([each for block in screen.blocks for each in block.paragraphs]) == len(loaded.plan.paragraphs)
    text = of_unit().get(URL).content.decode()
    margins = " ".join(
        re.findall(r'<div class="side">(.*?)</div>\s*</div>\s*(?=<div class="cl">|</div>)', text, re.DOTALL)
    )
    keys = set(re.findall(r"/figures/([^/\"]+)/", margins))
    assert keys
    assert {key.split(":")[3] for key in keys} == {seen().units[UNIT].key}
    others = [unit.short for unit in seen().units.values() if unit.code != UNIT and unit.reports == "yes"]
    assert [name for name in others if name in margins] == []


def test_only_what_is_answered_can_be_shown(loaded: Loaded) -> None:
    """The shorter view keeps each paragraph that something stands beside, under its headings, and drops the rest."""
    whole, short = living_plan(seen()), living_plan(seen(), show=ANSWERED)
    assert set(sides(short)) == set(sides(whole))
    kept = {each.text.address for block in short.blocks for each in block.paragraphs}
    assert "p007" not in kept
    assert {"p010", "p013", "p014"} <= kept


def test_an_unknown_way_of_showing_is_not_found(loaded: Loaded) -> None:
    """?show= with another word gives 404."""
    assert whole_province().get(f"{URL}?show=some").status_code == 404


def test_on_the_english_page_the_words_of_the_plan_are_marked_as_vietnamese(loaded: Loaded) -> None:
    """A screen reader must not read them as English."""
    client = whole_province()
    client.cookies["django_language"] = "en"
    text = client.get(URL).content.decode()
    assert '<html lang="en">' in text
    assert text.count('<div class="say" lang="vi">') == text.count('<div class="say"')


def test_a_warm_page_asks_the_database_a_fixed_number_of_times(loaded: Loaded, django_assert_num_queries: Any) -> None:
    """Session, person, roles, plan twice, periods, state and revision of the board, closings, plans, reports, texts of units."""
    client = whole_province()
    client.get(URL)
    with django_assert_num_queries(15):
        client.get(URL)
