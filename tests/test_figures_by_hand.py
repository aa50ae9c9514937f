"""
Thirty figures of two reports equal numbers that were added up from the typed rows by hand, without the cube; and the Word
report, `figures --json` and the page say the same.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from diem06.core.access import Role
from diem06.core.organisation.models import User
from diem06.core.plans.actions import load_plan
from diem06.core.plans.models import Period
from diem06.core.plans.queries import Loaded, loaded_plan
from diem06.core.ui.numbers import percent
from diem06.cube.board import forget_boards
from diem06.plan.reader import bundle_path
from diem06.reports import demo
from diem06.reports.word.actions import issue_report
from diem06.reports.word.material import kind_of
from vnlib.documents import read

PERIODS = ("2023-07", "2023-12")

# (indicator, area): (numerator, denominator) of 2023-07, then of 2023-12
FLOW = {
    ("P7", "24"): ((29485, 71710), (69536, 91958)),
    ("P11", "24"): ((22907, None), (32117, None)),
    ("P17", "24"): ((42968, 122975), (80221, 123286)),
    ("P19", "24"): ((71710, 122975), (91958, 123286)),
    ("P21", "24"): ((63413, 122975), (92574, 123286)),
    ("P22", "24"): (
        (51356, 111917),
        (81670, 114019),
    ),  # Sở Tư pháp corrects July once it is closed, which is not done here
    ("M1.1", "24"): ((866, 5413), (1892, 5626)),
    ("M3.6", "24"): ((47, 887), (145, 889)),
    ("M4.1", "24"): ((22631, 43502), (33995, 43502)),
    ("M6.2", "24"): ((4698, 32421), (14412, 31734)),
}
STOCK = {
    ("P1", "24"): ((70, 220), (131, 220)),
    ("P2", "24"): ((153, 220), (198, 220)),
    ("P8", "24"): ((1486919, 1574872), (1536672, 1574872)),
    ("P9", "24"): ((864159, 1574872), (1141798, 1574872)),
    ("P10", "24"): ((1812586, 2058667), (1941135, 2058667)),
    ("P11b", "24"): ((375, 636), (536, 636)),
    ("M4.2", "24"): ((25130, 43502), (35679, 43502)),
    ("M4.3", "24"): ((34811, 43502), (39613, 43502)),
    ("M6.1", "24"): ((22, 140), (64, 140)),
    ("M8.1", "24"): ((23, 97), (66, 97)),
}
DISTINCT = {
    ("M7.2", "24"): ((53671, 91630), (66860, 96528)),
    ("M7.2", "213"): ((6229, 9355), (7471, 9933)),
    ("M7.2", "216"): ((6431, 10236), (6875, 9492)),
    ("M7.2", "219"): ((8881, 12363), (9942, 12568)),
    ("M7.2", "220"): ((2355, 4390), (2901, 4422)),
    ("M7.3", "24"): ((32207, 53671), (51908, 66860)),
    ("M7.3", "213"): ((3494, 6229), (5507, 7471)),
    ("M7.3", "216"): ((3654, 6431), (5119, 6875)),
    ("M7.3", "219"): ((5487, 8881), (7895, 9942)),
    ("M7.3", "220"): ((1327, 2355), (2146, 2901)),
}


@pytest.fixture(scope="module")
def demo_half_year(django_db_setup: None, django_db_blocker: Any) -> Any:
    """The demo's first six months, built once for this module and taken back after it."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        load_plan(folder=bundle_path("bac-giang-2023"), at=demo.NOW, is_made_up=True)
        forget_boards()
        demo.build(
            plan=loaded_plan().plan,
            months=demo.MONTHS[:6],
            progress=lambda _words: None,
        )
        yield
        transaction.set_rollback(True)
    forget_boards()


@pytest.fixture
def loaded(db: None, demo_half_year: None) -> Loaded:
    return loaded_plan()


def as_listed(period: str) -> dict[str, dict[str, Any]]:
    """Return what `diem06 figures --json` prints, by key."""
    out = StringIO()
    call_command("figures", period, json=True, stdout=out)
    return {row["key"]: row for row in json.loads(out.getvalue())}


@pytest.mark.parametrize("kind", [FLOW, STOCK, DISTINCT], ids=["flow", "stock", "distinct"])
def test_ten_figures_of_each_kind_equal_the_hand_count(loaded: Loaded, kind: dict) -> None:
    """In both months, exactly."""
    for at, period in enumerate(PERIODS):
        listed = {
            (row["reading"] or row["indicator"], row["area"]["code"]): row
            for row in as_listed(period).values()
            if row["area"] and not row["unit"]
        }
        for place, months in kind.items():
            numerator, denominator = months[at]
            row = listed[place]
            got = (int(row["numerator"]), row["denominator"] and int(row["denominator"]))
            assert got == (numerator, denominator), (period, place)
            if denominator:
                assert Decimal(row["value"]) == Decimal(numerator) / Decimal(denominator)


@pytest.mark.parametrize("period", PERIODS)
def test_no_share_of_a_unit_or_area_is_above_the_whole(loaded: Loaded, period: str) -> None:
    """Both sides of a share are of the same things at every level; what the demo mistypes on purpose is left out."""
    mistyped = {(unit, measure) for when, unit, measure in demo.WRONG if when == period}
    indicators = {row.code: row for row in loaded.plan.indicators}
    above = [
        row["key"]
        for row in as_listed(period).values()
        if row["value"] is not None
        and row["denominator"] is not None
        and Decimal(row["value"]) > 1
        and not any(measure in (indicators[row["indicator"]].numerator or "") for _unit, measure in mistyped)
    ]
    assert above == []


@pytest.mark.parametrize("period", PERIODS)
def test_word_list_and_page_say_the_same(loaded: Loaded, period: str, settings: Any) -> None:
    """Each value of the Word report is that of the list, and the preview shows it too; no percent stands without its tag."""
    settings.DIEM06_CLOCK = lambda: demo.NOW
    row = Period.objects.get(code=period)
    issued = issue_report(loaded=loaded, period=row, kind=kind_of(loaded.plan, "police"), at=demo.NOW, by=None)
    listed = as_listed(period)
    document = read(issued.file)
    values = {c.any_tag: c.text for c in document.controls if c.any_tag and c.any_tag.endswith("#val")}
    here = {tag.removesuffix("#val"): text for tag, text in values.items() if f":{period}:" in tag}
    assert len(here) > 100
    for key, text in here.items():
        assert key in listed, key
        value = listed[key]["value"]
        if value is not None and listed[key]["denominator"] is not None:
            assert percent(Decimal(value)) in text or percent(Decimal(value), 2) in text, key
    assert "%" not in document.text_outside_controls
    client = Client()
    client.force_login(User.objects.get(username="thuong-truc"))
    page = client.get(reverse("report-preview", args=(period, "police"))).content.decode()
    for text in set(here.values()):
        assert text in page, text
    assert re.search(r"Mô hình cấp tỉnh", page)
    assert Role.STANDING_OFFICE in {Role(row.role) for row in User.objects.get(username="thuong-truc").roles.all()}
