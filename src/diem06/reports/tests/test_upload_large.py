"""Facts about an upload of ten thousand values: nothing good is lost, nothing bad is passed over, and it takes seconds."""

from __future__ import annotations

import io
import time

import openpyxl
import pytest
from django.test import Client

from diem06.core.access import Role
from diem06.core.jobs.models import Job
from diem06.core.jobs.running import run
from diem06.core.plans.models import Obligation
from diem06.core.plans.queries import loaded_plan
from diem06.core.sheets.models import BatchState
from diem06.core.sheets.queries import tally
from diem06.plan.model import Kind
from diem06.reports.entry_form import owed_cells
from diem06.reports.models import DeclaredValue, Report
from diem06.reports.tests.test_upload import content_of, load, person, staged, step, template, world

__all__ = ["world"]

UNIT = "cong-an-tinh"
BAD = ("12a", -1, 1.5, "=1+1", "#N/A")
MOST_SECONDS = 90  # on a busy machine; bench/upload.py measures


@pytest.fixture
def wide(world: Report) -> Report:
    """The report of a unit that owes more than ten thousand numbers: every measure that adds up, commune by commune."""
    plan = loaded_plan()
    report = Report.objects.get(period=world.period, unit=UNIT)
    Obligation.objects.filter(period=report.period, unit=UNIT).delete()
    adding = [measure for measure in plan.plan.measures if measure.kind is not Kind.DISTINCT]
    Obligation.objects.bulk_create(
        Obligation(
            period=report.period,
            unit=UNIT,
            measure=measure.code,
            grain="commune",
            split_by=[dimension.name for dimension in measure.dimensions],
            day=report.period.last_day,
            rule=number,
            bundle_id=plan.bundle,
        )
        for number, measure in enumerate(adding)
    )
    return report


def test_ten_thousand_values_in_one_upload(wide: Report) -> None:
    """Every good row is stored with its number, every bad cell is named on the page and in the file, by the worker, in time."""
    owed = owed_cells(wide, loaded_plan().plan)
    assert len(owed) > 10_000
    client = Client()
    client.force_login(person("binh", Role.UNIT_REPORTER, UNIT))
    book = template(client, wide)
    page = book["B. Theo xã, phường, thị trấn"]
    bad: dict[str, object] = {}
    good = 0
    for row in page.iter_rows(min_row=2):
        for cell in row:
            if cell.protection.locked or not page.cell(row=cell.row, column=1).value:
                continue
            number = len(bad) + good
            if number >= 10_000:
                break
            if number % 100 == 99:
                cell.value = BAD[len(bad) % len(BAD)]
                bad[cell.coordinate] = cell.value
            else:
                cell.value = 0
                good += 1
    assert (good, len(bad)) == (9_900, 100)
    content = content_of(book)
    started = time.monotonic()
    batch = staged(client, wide, content)
    assert (tally(batch).new, tally(batch).wrong) == (good, len(bad))
    assert load(client, batch, only_good="1").status_code == 302
    run(Job.objects.get().pk)
    took = time.monotonic() - started
    batch.refresh_from_db()
    assert (batch.state, batch.loaded_rows) == (BatchState.LOADED, good)
    assert DeclaredValue.objects.current().filter(unit=UNIT).count() == good
    back = openpyxl.load_workbook(io.BytesIO(client.get(step(batch, "sheet-commented")).content))
    commented = {
        cell.coordinate for row in back["B. Theo xã, phường, thị trấn"].iter_rows() for cell in row if cell.comment
    }
    assert commented == set(bad)
    assert client.post(step(batch, "sheet-undo")).status_code == 302
    assert not DeclaredValue.objects.current().filter(unit=UNIT).exists()
    assert took < MOST_SECONDS, f"{took:.1f} s"
