"""The Excel lists of the register: in, judged, loaded, taken back, out."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from diem06.core.places.actions import TermValues
from diem06.core.places.models import Place
from diem06.core.plans.queries import Loaded
from diem06.core.sheets.actions import Confirmed, NotUndoneError, load, stage_file, undo
from diem06.core.sheets.declared import SheetRefusedError, sheet_of
from diem06.core.sheets.models import Batch, BatchState, Verdict
from diem06.pilots.heritage_sites.actions import register
from diem06.pilots.heritage_sites.actions.register import StepValues
from diem06.pilots.heritage_sites.models import EquipmentStep
from diem06.pilots.heritage_sites.tests.sites import AT, FIRST, KEEPER, a_site, commune

SITES, PARTS, STEPS = "heritage_sites.sites", "heritage_sites.parts", "heritage_sites.steps"


@pytest.fixture(autouse=True)
def _plan(loaded: Loaded, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def brought(code: str, rows: Sequence[Sequence[Any]], *, scope: str = KEEPER) -> Batch:
    """Stage a file with the heads of the sheet."""
    sheet = sheet_of(code)
    assert sheet is not None
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append([str(column.head) for column in sheet.columns])
    for row in rows:
        page.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return stage_file(sheet=sheet, scope=scope, content=buffer.getvalue(), name="a.xlsx", at=AT, by=None)


def loaded_batch(batch: Batch) -> Batch:
    return load(batch=batch, confirmed=Confirmed(), at=AT, by=None)


def verdicts(batch: Batch) -> list[str]:
    return [row.verdict for row in batch.rows.order_by("pk")]


def site_row(code: str, name: str, *, day: date = FIRST, area: str = "") -> list[Any]:
    return [code, name, area or commune("Xã Trí Yên"), KEEPER, None, day, None]


def test_sites_are_added_changed_from_a_day_and_taken_back() -> None:
    a_site("cu", name="Tên cũ")
    batch = brought(SITES, [site_row("moi", "Chùa Mới"), site_row("cu", "Tên mới", day=date(2023, 7, 1))])
    assert verdicts(batch) == [Verdict.NEW, Verdict.CHANGED]

    loaded_batch(batch)
    old = Place.objects.get(code="cu")
    assert [term.name for term in old.terms.order_by("from_day")] == ["Tên cũ", "Tên mới"]
    assert Place.objects.filter(code="moi").exists()

    batch.refresh_from_db()
    undo(batch=batch, at=AT, by=None)
    assert [term.name for term in old.terms.all()] == ["Tên cũ"]
    assert not Place.objects.filter(code="moi").exists()


def test_what_is_exported_comes_back_as_the_same() -> None:
    a_site()
    sheet = sheet_of(SITES)
    assert sheet is not None
    content = sheet.export(KEEPER, at=AT)

    batch = stage_file(sheet=sheet, scope=KEEPER, content=content, name="a.xlsx", at=AT, by=None)

    assert verdicts(batch) == [Verdict.SAME]


def test_site_with_something_built_on_it_is_not_taken_back() -> None:
    batch = loaded_batch(brought(SITES, [site_row("moi", "Chùa Mới")]))
    site = Place.objects.get(code="moi")
    register.record_step(site=site, values=StepValues(step="surveyed", day=FIRST), at=AT, by=None)

    with pytest.raises(NotUndoneError):
        undo(batch=batch, at=AT, by=None)
    assert Place.objects.filter(code="moi").exists()


def test_district_brings_no_site_of_another_district() -> None:
    batch = brought(SITES, [site_row("xa", "Chùa Xa", area=commune("Xã Tiên Sơn"))], scope="ubnd-yen-dung")

    with pytest.raises(SheetRefusedError):
        loaded_batch(batch)
    assert not Place.objects.filter(code="xa").exists()


def test_points_and_gates_of_one_file_find_each_other() -> None:
    site = a_site()
    rows = [
        ["Cổng", "mau-1-c1", "mau-1", "Cổng sau", FIRST, None],
        ["Điểm thành phần", "mau-1", site.code, "Nhà tổ", FIRST, None],
    ]
    loaded_batch(brought(PARTS, rows))

    gate = Place.objects.select_related("parent__parent").get(code="mau-1-c1")
    assert gate.parent is not None
    assert gate.parent.parent == site


def test_steps_are_recorded_corrected_and_put_back() -> None:
    site = a_site()
    register.record_step(site=site, values=StepValues(step="needed", day=FIRST), at=AT, by=None)
    rows = [
        [site.code, "Đã mua", date(2023, 7, 1), 2, "Công ty A", None, None, None],
        [site.code, "Đã xác định nhu cầu", date(2023, 6, 20), 1, None, None, None, None],
    ]
    batch = brought(STEPS, rows)
    assert verdicts(batch) == [Verdict.NEW, Verdict.CHANGED]

    loaded_batch(batch)
    now = EquipmentStep.objects.current()
    assert set(now.values_list("step", "day")) == {("bought", date(2023, 7, 1)), ("needed", date(2023, 6, 20))}

    batch.refresh_from_db()
    assert batch.state == BatchState.LOADED
    undo(batch=batch, at=AT, by=None)
    assert set(EquipmentStep.objects.current().values_list("step", "day")) == {("needed", FIRST)}


def test_step_of_tomorrow_and_of_no_device_is_refused() -> None:
    site = a_site()
    batch = brought(STEPS, [[site.code, "Đã mua", date(2023, 7, 1), 0, None, None, None, None]])
    assert verdicts(batch) == [Verdict.WRONG]

    ahead = brought(STEPS, [[site.code, "Đã mua", date(2023, 8, 1), 1, None, None, None, None]])
    assert verdicts(ahead) == [Verdict.WRONG]


def test_row_that_could_not_be_loaded_is_named_before_and_does_not_stop_the_good_ones() -> None:
    """What was not there on the day of the row, and days that are taken, were found only when the good rows were saved."""
    site = a_site("cu", name="Tên cũ")
    register.change_place(
        place=site,
        from_day=date(2023, 7, 1),
        values=TermValues(name="Tên mới", area=commune("Xã Trí Yên"), unit=KEEPER),
        at=AT,
        by=None,
    )
    sites = brought(
        SITES,
        [
            site_row("moi", "Chùa Mới"),
            site_row("xua", "Chùa Xưa", day=date(1990, 1, 1)),
            site_row("cu", "Tên khác", day=date(2023, 7, 1)),
            site_row("cu-2", "Chùa Cũ"),
        ],
    )
    steps = brought(STEPS, [["khong-co", "Đã mua", FIRST, 1], ["cu", "Đã mua", date(2023, 8, 1), 1]])
    parts = brought(PARTS, [["Cổng", "cu-c1", "cu", "Cổng chính", FIRST]])

    assert verdicts(sites) == [Verdict.NEW, Verdict.WRONG, Verdict.WRONG, Verdict.NEW]
    assert verdicts(steps) == [Verdict.WRONG, Verdict.WRONG]
    assert verdicts(parts) == [Verdict.NEW]
    load(batch=sites, confirmed=Confirmed(only_good=True), at=AT, by=None)
    assert Place.objects.filter(code__in=("moi", "cu-2")).count() == 2


def test_list_that_is_brought_back_unchanged_has_no_wrong_row() -> None:
    a_site("cu", name="Tên cũ")

    assert verdicts(brought(SITES, [site_row("cu", "Tên cũ")])) == [Verdict.SAME]
