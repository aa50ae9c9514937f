"""Every write of forms from elsewhere, each with its audit entry in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from diem06.core.audit.actions import record
from diem06.core.evidence.actions import store_file
from diem06.core.evidence.models import FileKind
from diem06.core.evidence.queries import content_of
from diem06.core.plans.models import Period
from diem06.core.plans.queries import Loaded
from diem06.cube.actions import issue_revision
from diem06.plan.periods import PeriodError, window_of
from diem06.reports.ad_hoc import workbook
from diem06.reports.ad_hoc.figures import Answer, answers
from diem06.reports.ad_hoc.specs import Catalogue, Spec, columns_of, spec_of, window_code
from diem06.reports.models import AdHocCell, AdHocFill, AdHocForm

MOST_CELLS = 5_000


class AdHocError(ValueError):
    """Something that the person must change first; the text says what, in their language."""


@transaction.atomic
def keep_form(
    *, plan_id: str, title: str, asked_by: str, content: bytes, name: str, unit: str, at: datetime, by: int | None
) -> AdHocForm:
    """
    Keep a blank form. `unit` is whose it is, empty for the province's.

    Raises WorkbookError or FileError for a file that is not kept, AdHocError without a title or who asks for it.
    """
    title, asked_by = title.strip(), asked_by.strip()
    if not title or not asked_by:
        raise AdHocError(_("Ghi tên biểu và nơi yêu cầu."))
    workbook.open_form(content)
    file = store_file(content=content, name=name, allowed={FileKind.EXCEL}, at=at, by=by)
    form = AdHocForm.objects.create(
        plan_id=plan_id, title=title, asked_by=asked_by, file=file, unit=unit, made_at=at, made_by_id=by
    )
    _audit(
        form, "ad_hoc.keep", {"title": title, "asked_by": asked_by, "sha256": file.sha256, "unit": unit}, at=at, by=by
    )
    return form


@transaction.atomic
def tie_cells(
    *, form: AdHocForm, sheet: str, specs: Iterable[Spec], catalogue: Catalogue, at: datetime, by: int | None
) -> int:
    """
    Tie cells of a sheet to what belongs into them; a cell that was tied before is tied anew. Returns how many.

    Raises CellError for a cell that holds words or a formula, SpecError for what the plan does not have, AdHocError.
    """
    form = AdHocForm.objects.select_for_update().get(pk=form.pk)
    _check_in_use(form)
    grid = workbook.open_form(content_of(form.file)).grid(sheet)
    if grid is None:
        raise AdHocError(_("Biểu không có trang «%(sheet)s».") % {"sheet": sheet[:60]})
    places = {cell.coordinate: cell for _row, cells in grid.rows for cell in cells}
    specs = [catalogue.check(spec) for spec in specs]
    for spec in specs:
        place = places.get(spec.coordinate)
        if place is None:
            raise workbook.CellError(_("«%(text)s» nằm ngoài bảng.") % {"text": spec.coordinate[:20]})
        if place.why_not:
            raise workbook.CellError(f"{spec.coordinate}: {place.why_not}")
    known = {cell.coordinate: cell for cell in form.cells.filter(sheet=sheet)}
    if form.cells.count() + len({spec.coordinate for spec in specs} - set(known)) > MOST_CELLS:
        raise AdHocError(_("Biểu có quá nhiều ô gắn số (nhiều nhất %(n)s).") % {"n": MOST_CELLS})
    before = {coordinate: spec_of(cell).encoded() for coordinate, cell in known.items()}
    for spec in specs:
        if form.unit:
            spec = _of_unit(spec, form.unit)  # noqa: PLW2901  a unit's form holds its own figures alone
        AdHocCell.objects.update_or_create(
            form=form, sheet=sheet, coordinate=spec.coordinate, defaults=columns_of(spec)
        )
    changes = [[spec.coordinate, before.get(spec.coordinate, ""), spec.encoded()] for spec in specs]
    _audit(form, "ad_hoc.tie", {"sheet": sheet, "cells": changes[:200], "count": len(changes)}, at=at, by=by)
    return len(changes)


@transaction.atomic
def untie_cells(*, form: AdHocForm, sheet: str, coordinates: Sequence[str], at: datetime, by: int | None) -> int:
    """Leave cells of a sheet empty from the next fill on. Returns how many were tied."""
    form = AdHocForm.objects.select_for_update().get(pk=form.pk)
    _check_in_use(form)
    rows = form.cells.filter(sheet=sheet, coordinate__in=coordinates)
    gone = [[cell.coordinate, spec_of(cell).encoded(), ""] for cell in rows]
    rows.delete()
    if gone:
        _audit(form, "ad_hoc.untie", {"sheet": sheet, "cells": gone[:200], "count": len(gone)}, at=at, by=by)
    return len(gone)


@transaction.atomic
def retire_form(*, form: AdHocForm, retired: bool, at: datetime, by: int | None) -> AdHocForm:
    """Put a form that is no longer asked for away, or take it back. What was filled stays."""
    form = AdHocForm.objects.select_for_update().get(pk=form.pk)
    if (form.retired_at is not None) == retired:
        return form
    form.retired_at = at if retired else None
    form.save(update_fields=["retired_at"])
    _audit(form, "ad_hoc.retire" if retired else "ad_hoc.take_back", {}, at=at, by=by)
    return form


@transaction.atomic
def fill_form(*, form: AdHocForm, loaded: Loaded, period: Period, link: str, at: datetime, by: int | None) -> AdHocFill:
    """
    Fill a form for a period and keep the file. `link` is the address of a figure's page with {key} in it.

    Figures leave under revisions that stay, so that each key opens what stood in the file. Raises AdHocError for a form without
    a tied cell, DamagedFileError where the blank file is lost.
    """
    form = AdHocForm.objects.select_for_update(of=("self",)).select_related("file").get(pk=form.pk)
    _check_in_use(form)
    cells = list(form.cells.order_by("sheet", "id"))
    if not cells:
        raise AdHocError(_("Biểu chưa gắn ô nào. Gắn ô trước, rồi điền."))
    specs = [(cell.sheet, spec_of(cell)) for cell in cells]
    revisions: dict[str, int] = {}
    for window in {window_code(loaded.plan, period.code, spec.window) for _sheet, spec in specs} - {None}:
        try:
            span = window_of(loaded.plan, str(window))
        except PeriodError:
            continue
        revisions[span.code] = issue_revision(loaded=loaded, window=span, at=at).number
    found = answers(specs, loaded, period.code, revision_of=revisions.get, only_unit=form.unit)
    content = workbook.filled(
        content_of(form.file),
        [
            workbook.Written(
                sheet=one.sheet,
                coordinate=one.spec.coordinate,
                value=one.value,
                is_share=one.is_share,
                scale=one.spec.scale,
            )
            for one in found
        ],
        [_source_line(one, link) for one in found],
        title=f"{form.title}, {period.code}",
    )
    stem = form.file.name.rsplit(".", 1)[0]
    file = store_file(content=content, name=f"{stem}_{period.code}.xlsx", allowed={FileKind.EXCEL}, at=at, by=by)
    fill = AdHocFill.objects.create(
        form=form,
        period=period,
        file=file,
        cells={f"{one.sheet}!{one.spec.coordinate}": _kept(one) for one in found},
        made_at=at,
        made_by_id=by,
    )
    details = {
        "fill": fill.pk,
        "period": period.code,
        "sha256": file.sha256,
        "cells": len(found),
        "empty": sum(1 for one in found if one.value is None),
    }
    _audit(form, "ad_hoc.fill", details, at=at, by=by)
    return fill


def _kept(one: Answer) -> list[Any]:
    value = None if one.value is None else str(one.value)
    return [value, one.key or one.spec.what, one.why, one.shown, one.what, one.where, one.window, one.note]


def _source_line(one: Answer, link: str) -> workbook.SourceLine:
    key = f"{one.key}#{one.spec.part}" if one.key else ""
    return workbook.SourceLine(
        sheet=one.sheet,
        coordinate=one.spec.coordinate,
        what=" · ".join(part for part in (one.what, one.where, one.window) if part),
        shown=one.shown if one.value is not None else "",
        key=key or one.spec.what[2:],
        url=link.replace("{key}", one.key) if one.key else "",
        note=one.why or one.note,
    )


def _of_unit(spec: Spec, unit: str) -> Spec:
    return replace(spec, unit=unit)


def _check_in_use(form: AdHocForm) -> None:
    if form.retired_at is not None:
        raise AdHocError(_("Biểu đã cất. Lấy lại biểu trước khi sửa hoặc điền."))


def _audit(form: AdHocForm, action: str, details: dict[str, Any], *, at: datetime, by: int | None) -> None:
    record(by=by, action=action, object_type="ad_hoc_form", object_id=str(form.pk), details=details, at=at)
