"""Meals served, as the kitchens' own lists have them: all that an app needs for Excel in and out."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from diem06.core import access
from diem06.core.access import Role
from diem06.core.areas.queries import areas_on
from diem06.core.audit.actions import record
from diem06.core.sheets.columns import Column, Kind
from diem06.core.sheets.declared import Key, Known, ListSheet, RowToLoad
from tests.toy.models import ToyFact

SOURCE = "toy.list"


def known(*, scope: str, keys: Sequence[Key] | None) -> Mapping[Key, Known]:
    facts = ToyFact.objects.filter(source=SOURCE, unit=scope)
    wanted = None if keys is None else set(keys)
    found = {}
    for fact in facts:
        key = (fact.day, fact.area)
        if wanted is None or key in wanted:
            values = {"day": fact.day, "area": fact.area, "meals": fact.value, "note": fact.place or None}
            found[key] = Known(values=values, at=fact.recorded_at)
    return found


@transaction.atomic
def load(*, scope: str, rows: Sequence[RowToLoad], at: datetime, by: int | None) -> Any:
    before = known(scope=scope, keys=[(row.values["day"], row.values["area"]) for row in rows])
    _remove(scope, before)
    tree = areas_on(at.date())
    facts = [
        ToyFact(
            measure="meals",
            source=SOURCE,
            day=row.values["day"],
            recorded_at=at,
            area=row.values["area"],
            area_valid_from=tree.get(row.values["area"]).valid_from,
            unit=scope,
            place=row.values.get("note") or "",
            value=row.values["meals"],
            record=f"toy-list/{scope}/{row.values['day']}/{row.values['area']}",
        )
        for row in rows
    ]
    ToyFact.objects.bulk_create(facts, batch_size=500)
    record(by=by, action="toy.load", object_type="unit", object_id=scope, details={"rows": len(rows)}, at=at)
    old = [[day.isoformat(), area, one.values["meals"], one.values["note"]] for (day, area), one in before.items()]
    return {"old": old, "new": [[row.values["day"].isoformat(), row.values["area"]] for row in rows]}


@transaction.atomic
def take_back(*, scope: str, undo: Any, at: datetime, by: int | None) -> None:
    _remove(scope, {(date.fromisoformat(day), area): None for day, area in undo["new"]})
    for day, area, meals, note in undo["old"]:
        ToyFact.objects.create(
            measure="meals",
            source=SOURCE,
            day=date.fromisoformat(day),
            recorded_at=at,
            area=area,
            area_valid_from=areas_on(at.date()).get(area).valid_from,
            unit=scope,
            place=note or "",
            value=meals,
            record=f"toy-list/{scope}/{day}/{area}",
        )
    record(by=by, action="toy.undo", object_type="unit", object_id=scope, details={"rows": len(undo["new"])}, at=at)


def _remove(scope: str, keys: Mapping[Key, Any]) -> None:
    days = {day for day, _area in keys}
    ids = [
        fact.pk
        for fact in ToyFact.objects.filter(source=SOURCE, unit=scope, day__in=days)
        if (fact.day, fact.area) in keys
    ]
    for start in range(0, len(ids), 500):
        ToyFact.objects.filter(pk__in=ids[start : start + 500]).delete()


COLUMNS = (
    Column(key="day", head="Ngày", kind=Kind.DATE, required=True),
    Column(key="area", head="Xã, phường", kind=Kind.AREA, level="commune", required=True, help="Mã hoặc tên đầy đủ"),
    Column(
        key="meals",
        head="Số suất",
        kind=Kind.WHOLE,
        required=True,
        checks=(lambda meals: "nhiều hơn 50000 suất" if meals > 50_000 else "",),
    ),
    Column(key="note", head="Ghi chú", kind=Kind.TEXT, most=60),
)

SHEETS = (
    ListSheet(
        code="toy.meals",
        title="Suất ăn",
        columns=COLUMNS,
        key=("day", "area"),
        access=access.of_unit("scope", Role.UNIT_REPORTER),
        known_rows=known,
        load_rows=load,
        undo_rows=take_back,
    ),
    ListSheet(
        code="toy.bulk",
        title="Suất ăn, danh sách dài",
        columns=COLUMNS,
        key=("day", "area"),
        access=access.of_unit("scope", Role.UNIT_REPORTER),
        known_rows=known,
        load_rows=load,
        undo_rows=take_back,
        bulk=True,
    ),
)
