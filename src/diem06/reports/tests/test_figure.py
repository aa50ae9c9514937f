"""Facts about the page of a figure and what it lists."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from diem06.core.plans.cells import Cell
from diem06.core.plans.queries import Loaded
from diem06.cube.actions import issue_revision
from diem06.cube.figures import Explanation, board, explain
from diem06.reports.actions import Entry, save_values
from diem06.reports.models import DeclaredValue, Report
from diem06.reports.tests.factories import AT, UNIT, of_unit, whole_province

pytestmark = pytest.mark.django_db


def url(key: str) -> str:
    return reverse("figure", args=[key])


def sums(explanation: Explanation) -> list[tuple[int | None, int | None]]:
    """Numerator and denominator of each part, as the listed facts add up; None where none is listed."""
    found = []
    for part in range(len(explanation.formulas)):
        sides = []
        for side in ("num", "den"):
            facts = [fact for fact in explanation.facts if (fact.part, fact.side) == (part, side)]
            sides.append(sum(fact.sign * fact.value for fact in facts) if facts else None)
        found.append((sides[0], sides[1]))
    return found


def test_what_is_listed_adds_up_to_the_figure(loaded: Loaded) -> None:
    """
    Of every line, for the province, a district, a commune and two units: in a month with a missing unit, with values
    that lack a partner, with readings in parts, with declared distinct counts.
    """
    here = board(loaded, "2023-09")
    checked = 0
    for code in here.lines:
        where: list[dict[str, str]] = [{}]
        where += [{"area": area.code} for level in ("district", "commune") for area in here.areas(code, level)[:1]]
        where += [{"unit": unit} for unit in here.owners(code)[:2]]
        for cell in where:
            figure = here.figure(code, **cell)
            found = sums(explain(loaded, figure.key))
            wanted = [(part.numerator, part.denominator) for part in figure.parts] or [
                (figure.numerator, figure.denominator)
            ]
            for (numerator, denominator), (num, den) in zip(wanted, found, strict=True):
                assert numerator is None or numerator == (num or 0), figure.key
                assert denominator is None or denominator == (den or 0), figure.key
            checked += 1
    assert checked > 180


def test_facts_come_a_hundred_a_page_by_unit(loaded: Loaded) -> None:
    """P1 of the province rests on 420 values: five pages, each value with its area, day and the person's page."""
    key = board(loaded, "2023-09").figure("P1").key
    client = whole_province()
    first = client.get(url(key)).content.decode()
    last = client.get(f"{url(key)}?page=5").content.decode()
    assert "1 đến 100 trong 420" in first
    assert "401 đến 420 trong 420" in last
    assert first.count('scope="rowgroup"') >= 2
    assert 'href="/my-work/2023-09/ubnd-luc-ngan/"' in first
    assert "Loại điểm: Bộ phận một cửa" in first


def test_the_totals_on_the_page_are_the_figure(loaded: Loaded) -> None:
    """Numerator and denominator in the head and in the sum are the same numbers."""
    figure = board(loaded, "2023-09").figure("P4")
    text = whole_province().get(url(figure.key)).content.decode()
    table = text.split("<h2>Cộng lại</h2>")[1].split("</table>")[0]
    assert [int(number.replace(".", "")) for number in re.findall(r'class="num val">([\d.]+)<', table)] == [
        figure.numerator,
        figure.denominator,
    ]


def test_a_unit_opens_the_figures_of_itself_and_its_area_only(loaded: Loaded) -> None:
    """Its own, of the district where it lies, of a commune there: 200. Another unit's or district's, the province's: 403."""
    here = board(loaded, "2023-09")
    client = of_unit()
    own = here.units[UNIT].area
    commune = here.tree.descendants(own, "commune")[0].code
    assert client.get(url(here.figure("P1", unit=UNIT).key)).status_code == 200
    assert client.get(url(here.figure("P1", area=own).key)).status_code == 200
    assert client.get(url(here.figure("P1", area=commune).key)).status_code == 200
    assert client.get(url(here.figure("P1", unit="ubnd-luc-ngan").key)).status_code == 403
    assert client.get(url(here.figure("P1", area="219").key)).status_code == 403
    assert client.get(url(here.figure("P1").key)).status_code == 403


def test_who_typed_for_another_unit_is_not_named_to_a_district(loaded: Loaded) -> None:
    """P8 of a district is counted by the police: the district's people see the numbers and no name of another unit's person."""
    key = board(loaded, "2023-09").figure("P8", area=board(loaded, "2023-09").units[UNIT].area).key
    text = of_unit().get(url(key)).content.decode()
    assert "Công an tỉnh" in text
    assert 'href="/units/cong-an-tinh/' not in text
    assert 'href="/my-work/2023-09/cong-an-tinh/"' not in text


@pytest.mark.parametrize(
    "key",
    ["x", "bg23:P1:24:-:2023-09:77", "bg23:P77:24:-:2023-09:1", "bg23:P1:99:-:2023-09:1", "zz:P1:24:-:2023-09:1",
     "bg23:P1:24:-:2022-01:1", "bg23:P1:-:nobody:2023-09:1"],
)  # fmt: skip
def test_a_key_that_means_nothing_is_not_found(loaded: Loaded, key: str) -> None:
    """A malformed key, a revision never handed out, an unknown indicator, area, unit, plan or period: 404."""
    assert whole_province().get(url(key)).status_code == 404


def test_an_earlier_revision_still_opens_to_what_it_said(loaded: Loaded) -> None:
    """After a correction the old key shows the old value and says that it is an earlier revision."""
    window = board(loaded, "2023-09").window
    issue_revision(loaded=loaded, window=window, at=AT)
    old = board(loaded, "2023-09").figure("P4")
    value = DeclaredValue.objects.current().filter(
        period__code="2023-09", unit="so-tttt", measure="service_points_guiding"
    )
    row = value.filter(value__gt=0).order_by("pk")[0]
    report = Report.objects.get(period__code="2023-09", unit="so-tttt")
    cell = Cell(
        measure=row.measure, dimensions=row.dimensions, area=row.area, area_valid_from=row.area_valid_from,
        unit=row.unit, day=row.day,
    )  # fmt: skip
    entries = [Entry(cell=cell, value=0)]
    save_values(report=report, plan=loaded.plan, entries=entries, at=AT.replace(hour=10), by=None)
    new = board(loaded, "2023-09").figure("P4")
    assert new.numerator == old.numerator - row.value
    client = whole_province()
    before = client.get(url(old.key)).content.decode()
    assert "bản trước, như đã phát hành" in before
    assert f"{old.numerator} / " in before.replace("\n", " ")
    after = client.get(url(new.key)).content.decode()
    assert "bản hiện nay" in after
    assert "2 lần ghi" in after
    versions = after.split('class="versions"')[1].split("</details>")[0]
    assert versions.index("Lần 2: <b>0</b>") < versions.index(f"Lần 1: <b>{row.value}</b>")
    assert "đã thay" in versions.split("Lần 1")[1]


def test_a_page_of_facts_asks_the_database_a_fixed_number_of_times(
    loaded: Loaded, django_assert_max_num_queries: Any
) -> None:
    """A hundred facts are read with their records at once."""
    client = whole_province()
    key = board(loaded, "2023-09").figure("P1").key
    client.get(url(key))
    with django_assert_max_num_queries(31):
        client.get(url(key))
