"""
The register of sites on the screens and in the report of before: M6.1 counts its rows, the department's number stands beside it.

The demo's register tells what the department declares, from below.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from diem06.core.access import Role
from diem06.core.areas import queries as areas
from diem06.core.areas.queries import areas_on
from diem06.core.organisation import queries as organisation
from diem06.core.plans.actions import load_plan
from diem06.core.plans.models import Period
from diem06.core.plans.queries import Loaded, cells_owed, loaded_plan, obligations_of
from diem06.core.roster import NamedRecord, installed_sources
from diem06.cube.board import board, forget_boards
from diem06.cube.tests.by_row import explain
from diem06.pilots.heritage_sites.demo.register import build
from diem06.plan.model import Level
from diem06.plan.reader import bundle_path
from diem06.reports import demo
from diem06.reports.actions import Entry, mark_absent, open_reports, save_values
from diem06.reports.cell_names import field_name
from diem06.reports.demo_values import Province
from diem06.reports.models import DeclaredValue, Report
from diem06.reports.queries import absent_cells, cell_of
from diem06.reports.screens.figure import FACTS_A_PAGE
from diem06.reports.tests.factories import signed_in
from diem06.reports.word.actions import issue_report
from diem06.reports.word.material import kind_of
from vnlib.documents import read

MONTHS = ("2023-07", "2023-08")
DEPARTMENT = "so-vhttdl"


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[Loaded]:
    """Two months of what the department declares of sites, and the register of the demo."""
    with django_db_blocker.unblock(), transaction.atomic():
        _forget()
        load_plan(folder=bundle_path("bac-giang-2023"), at=demo.NOW, is_made_up=True)
        plan = loaded_plan().plan
        for month, code in enumerate(MONTHS):
            period = Period.objects.get(plan_id=plan.id, code=code)
            opened = open_reports(period=period, plan=plan, at=period.opens_at)
            report = next(report for report in opened if report.unit == DEPARTMENT)
            owed = cells_owed(obligations_of(DEPARTMENT, period), plan=plan, on=period.last_day)
            tree, province = areas_on(period.last_day), Province(demo.SEED)
            entries = [
                Entry(cell=cell, value=province.value(cell, month=month, tree=tree, level="province"))
                for cell in owed
                if cell.measure == "heritage_sites"
            ]
            at = period.due_at.replace(hour=3)
            save_values(report=report, plan=plan, entries=entries, at=at, by=None, way="demo", among=set(owed))
        build(MONTHS)
        yield loaded_plan()
        transaction.set_rollback(True)
    _forget()


def _forget() -> None:
    forget_boards()
    areas.forget()
    organisation.forget()


@pytest.fixture
def loaded(made: Loaded, db: None, settings: Any) -> Loaded:
    settings.DIEM06_CLOCK = lambda: demo.NOW
    return made


@pytest.fixture
def chairman(loaded: Loaded) -> Client:
    return signed_in(Role.CHAIRMAN_OFFICE, "ubnd-tinh")


@pytest.mark.parametrize(("period", "confirmed"), [("2023-07", 22), ("2023-08", 36)])
def test_evidenced_and_declared_agree_and_the_evidenced_counts(loaded: Loaded, period: str, confirmed: int) -> None:
    here = board(loaded, period)
    whole = here.figure("M6.1")

    assert (whole.numerator, whole.denominator, whole.grade) == (confirmed, 140, "evidenced")
    assert whole.beside == (("num", "declared", confirmed), ("den", "declared", 140))
    for district in here.areas("M6.1", Level.DISTRICT):
        figure = here.figure("M6.1", area=district.code)
        beside = {side: value for side, _source, value in figure.beside}
        assert (figure.numerator, figure.denominator) == (beside.get("num", 0), beside["den"]), district.name


def test_rows_behind_the_figure_are_its_sites(loaded: Loaded) -> None:
    key = board(loaded, "2023-07").figure("M6.1").key

    facts = explain(loaded, key).facts
    assert {fact.source for fact in facts} == {"heritage_register"}
    assert sum(fact.value for fact in facts if fact.side == "num") == 22
    assert "heritage_site:chua-vinh-nghiem" in {fact.place for fact in facts}


def test_each_row_of_a_figure_names_its_site_and_leads_to_it(loaded: Loaded, chairman: Client) -> None:
    key = board(loaded, "2023-07").figure("M6.1").key

    page = chairman.get(reverse("figure", args=[key])).content.decode()
    assert page.count('href="/pilots/heritage-sites/sites/') == page.count("Sổ di tích") == FACTS_A_PAGE
    entries = next(source for source in installed_sources() if source.code == "heritage_visits")
    record = "heritage_day:chua-vinh-nghiem:2023-07-02"
    assert entries.records({record})[record] == NamedRecord(
        name="Chùa Vĩnh Nghiêm, theo giờ",
        url="/pilots/heritage-sites/sites/chua-vinh-nghiem/history/?by=hour&first=2023-07-02&last=2023-07-02",
    )


def test_indicator_page_figure_page_and_dashboard_show_it_with_its_grade(loaded: Loaded, chairman: Client) -> None:
    key = board(loaded, "2023-07").figure("M6.1").key
    for url in (
        reverse("indicator", args=["M6.1"]) + "?period=2023-07",
        reverse("figure", args=[key]),
    ):
        page = chairman.get(url).content.decode()
        assert "15,7%" in page, url
        assert "Gốc" in page or "Có bản ghi gốc" in page, url
    assert "M6.1" in chairman.get(reverse("dashboard") + "?period=2023-07").content.decode()


def test_word_report_carries_it(loaded: Loaded) -> None:
    period = Period.objects.get(code="2023-07")
    issued = issue_report(loaded=loaded, period=period, kind=kind_of(loaded.plan, "police"), at=demo.NOW, by=None)

    tagged = {control.any_tag: control.text for control in read(issued.file).controls if control.any_tag}
    assert [text for tag, text in tagged.items() if ":M6.1:24:-:2023-07:" in tag and tag.endswith("#val")] == ["15,7%"]


def test_an_empty_report_takes_the_numbers_of_the_register_at_a_press_and_keeps_what_was_typed(
    loaded: Loaded, settings: Any
) -> None:
    """The department's cells of sites, emptied but for one, are filled from the rows that M6.1 counts."""
    period = Period.objects.get(plan_id=loaded.plan.id, code="2023-08")
    settings.DIEM06_CLOCK = lambda: period.due_at - timedelta(hours=2)
    sites = DeclaredValue.objects.current().filter(period=period, unit=DEPARTMENT, measure="heritage_sites")
    declared = {(row.area, row.dimensions): row.value for row in sites}
    typed = sites.order_by("pk").first()
    assert typed is not None
    sites.exclude(pk=typed.pk).delete()
    DeclaredValue.objects.filter(pk=typed.pk).update(value=777)
    client = signed_in(Role.UNIT_REPORTER, DEPARTMENT)
    home = reverse("entry", args=("2023-08", DEPARTMENT))
    assert "từ sổ gốc" in client.get(home).content.decode()

    client.post(reverse("entry-records", args=("2023-08", DEPARTMENT)))

    now = {(row.area, row.dimensions): row.value for row in sites.all()}
    assert now.pop((typed.area, typed.dimensions)) == 777
    declared.pop((typed.area, typed.dimensions))
    assert now.keys() == declared.keys()
    steps = {dimensions for _area, dimensions in now}
    assert {step: sum(v for (_a, d), v in now.items() if d == step) for step in steps} == {
        step: sum(v for (_a, d), v in declared.items() if d == step) for step in steps
    }
    assert "số từ sổ gốc" not in client.get(home).content.decode().split("<form", 1)[1]


def test_a_cell_that_has_no_number_is_not_filled_from_the_register(loaded: Loaded, settings: Any) -> None:
    """What the unit said of it stays; the page does not count it among what it could take."""
    period = Period.objects.get(plan_id=loaded.plan.id, code="2023-08")
    settings.DIEM06_CLOCK = lambda: period.due_at - timedelta(hours=2)
    report = Report.objects.get(period=period, unit=DEPARTMENT)
    sites = DeclaredValue.objects.current().filter(period=period, unit=DEPARTMENT, measure="heritage_sites")
    kept = sites.order_by("pk")[0]
    cell, number = cell_of(kept), sites.count()
    sites.delete()
    at = period.due_at - timedelta(hours=3)
    mark_absent(report=report, plan=loaded.plan, reason="Di tích đang tu bổ", at=at, by=None, cells={cell})
    client = signed_in(Role.UNIT_REPORTER, DEPARTMENT)
    page = client.get(reverse("entry", args=("2023-08", DEPARTMENT)))
    assert page.context["recorded_count"] == number - 1

    client.post(reverse("entry-records", args=("2023-08", DEPARTMENT)))

    assert sites.count() == number - 1
    assert cell not in {cell_of(value) for value in sites}
    assert absent_cells(report)[field_name(cell)].reason == "Di tích đang tu bổ"
