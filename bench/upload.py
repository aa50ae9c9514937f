"""
How long an upload of ten thousand values takes, as a ratio to the barest way in the same run: reading the same file by
openpyxl (read_only, values alone) and storing as many rows by one bulk_create, without a check, a preview or a trail.

Prints seconds and rows per second for staging, loading and undoing, and for a long list read by calamine.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

AT = datetime(2023, 7, 13, 16, 40, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
UNIT = "cong-an-tinh"
VALUES = 10_000
TURNS = 3


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="diem06-bench-") as folder:
        os.environ |= {"DIEM06_DATA": folder, "DJANGO_SETTINGS_MODULE": "tests.settings", "DIEM06_DATABASE": ""}
        os.environ.setdefault("DIEM06_SECRET_KEY", "of the bench alone")
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        _measure()


def _measure() -> None:
    from diem06.core.sheets import actions
    from diem06.reports.sheets import EntrySheet, scope_of

    report = _wide_report()
    sheet, scope = EntrySheet(), scope_of(report)
    contents = [_filled(sheet.template(scope, at=AT), turn) for turn in range(TURNS)]
    took: dict[str, list[float]] = {}
    for content in contents:
        _timed(took, "openpyxl read_only, values alone", lambda c=content: _bare_read(c))
        _timed(took, "bulk_create of as many rows", lambda: _bare_write(report))
        with _timing(took, "stage: read, judge, keep"):
            batch = actions.stage_file(sheet=sheet, scope=scope, content=content, name="a.xlsx", at=AT, by=None)
        with _timing(took, "load"):
            batch = actions.load(batch=batch, confirmed=actions.Confirmed(), at=AT, by=None)
        assert batch.loaded_rows == VALUES, batch.loaded_rows
        with _timing(took, "undo"):
            actions.undo(batch=batch, at=AT, by=None)
    _measure_lists(took)
    best = {name: min(times) for name, times in took.items()}
    bare = best["openpyxl read_only, values alone"] + best["bulk_create of as many rows"]
    ours = best["stage: read, judge, keep"] + best["load"]
    print(f"{'':<40}{'s':>8}{'rows/s':>10}")
    for name, seconds in best.items():
        print(f"{name:<40}{seconds:>8.2f}{VALUES / seconds:>10.0f}")
    print(f"upload of {VALUES} values, staged and loaded: {ours:.2f} s, {VALUES / ours:.0f} rows/s")
    print(f"ratio to the bare way (read + bulk_create, {bare:.2f} s): {ours / bare:.1f}")


def _measure_lists(took: dict[str, list[float]]) -> None:
    """Read one list of as many rows by both readers."""
    import openpyxl

    from diem06.core.sheets.bulk import read_bulk
    from diem06.core.sheets.reading import read_workbook

    book = openpyxl.Workbook()
    for number in range(VALUES):
        book.active.append([f"mã {number}", number, "2023-07-01", "chữ", number * 2])
    buffer = io.BytesIO()
    book.save(buffer)
    for _turn in range(TURNS):
        _timed(took, "list of 5 columns, openpyxl", lambda: read_workbook(buffer.getvalue()))
        _timed(took, "list of 5 columns, calamine", lambda: read_bulk(buffer.getvalue()))


def _timed(took: dict[str, list[float]], name: str, work: Callable[[], object]) -> None:
    with _timing(took, name):
        work()


@contextmanager
def _timing(took: dict[str, list[float]], name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    took.setdefault(name, []).append(time.perf_counter() - start)


def _wide_report():
    """Return the report of a unit that owes more than ten thousand numbers, in a fresh province."""
    from diem06.core.plans.actions import load_plan
    from diem06.core.plans.models import Obligation
    from diem06.core.plans.queries import loaded_plan, period
    from diem06.plan.model import Kind
    from diem06.plan.reader import bundle_path
    from diem06.reports.actions import open_reports
    from diem06.reports.models import Report

    load_plan(folder=bundle_path("bac-giang-2023"), at=AT, is_made_up=True)
    loaded = loaded_plan()
    july = period(loaded.plan, "2023-07")
    open_reports(period=july, plan=loaded.plan, at=AT)
    Obligation.objects.filter(period=july, unit=UNIT).delete()
    adding = [measure for measure in loaded.plan.measures if measure.kind is not Kind.DISTINCT]
    Obligation.objects.bulk_create(
        Obligation(
            period=july,
            unit=UNIT,
            measure=measure.code,
            grain="commune",
            split_by=[dimension.name for dimension in measure.dimensions],
            day=july.last_day,
            rule=number,
            bundle_id=loaded.bundle,
        )
        for number, measure in enumerate(adding)
    )
    return Report.objects.select_related("period").get(period=july, unit=UNIT)


def _filled(template: bytes, turn: int) -> bytes:
    """Return the template with ten thousand numbers, in a file that differs from turn to turn."""
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(template))
    page = book["B. Theo xã, phường, thị trấn"]
    left = VALUES
    for row in page.iter_rows(min_row=2):
        for cell in row:
            if left and not cell.protection.locked and page.cell(row=cell.row, column=1).value:
                cell.value = 0
                left -= 1
    page["B2"] = f"{turn}"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _bare_read(content: bytes) -> int:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    return sum(1 for page in book.worksheets for row in page.iter_rows(values_only=True) for value in row if value)


def _bare_write(report) -> None:
    from django.db import transaction

    from diem06.reports.models import DeclaredValue

    rows = [
        DeclaredValue(
            measure="m",
            source="bench",
            day=report.period.last_day,
            recorded_at=AT,
            area=str(number),
            area_valid_from=report.period.first_day,
            unit=UNIT,
            value=number,
            record=f"bench/{number}",
            period=report.period,
        )
        for number in range(VALUES)
    ]
    with transaction.atomic():
        DeclaredValue.objects.bulk_create(rows, batch_size=500)
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
