"""Writing areas: only whole lists are loaded."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from diem06.core.areas import queries
from diem06.core.areas.area_list import AreaList, AreaListError, Identity, read
from diem06.core.areas.models import Area, AreaParent, Succession
from diem06.core.audit.actions import record

OWN_LIST = Path(__file__).parent / "data"
_FIGURES = ("valid_to", "level", "type", "name", "area_km2", "population", "population_basis")


@dataclass(frozen=True)
class LoadedAreas:
    """What a loading did: areas in the list, and how many of them were new or changed."""

    areas: int
    new: int
    changed: int


@transaction.atomic
def load_areas(folder: Path | None = None, by: int | None = None, *, at: datetime | None = None) -> LoadedAreas:
    """
    Load the area list in `folder` (None: the product's own, Bắc Giang 2023 to Bắc Ninh 2026).

    Loading the same list again changes nothing and writes no audit entry. Areas of other lists stay as they are.
    `at` is the time for the audit entry (None: now).

    Raises AreaListError, with every fault, for a wrong list and for one that drops an area which is known: facts may
    lie in it. Nothing is loaded then.
    """
    wanted = read(folder or OWN_LIST)
    known = {
        (area.code, area.valid_from): area for area in Area.objects.filter(code__in={code for code, _ in wanted.areas})
    }
    if dropped := sorted(set(known) - set(wanted.areas)):
        raise AreaListError(
            [
                f"areas.csv: {code} of {day} is known and not in the list; an area is never removed"
                for code, day in dropped
            ]
        )
    changed = _changed(wanted, known)
    # Ends first: a code has one area without an end at a time.
    Area.objects.bulk_update(changed, _FIGURES)
    new = Area.objects.bulk_create(
        Area(code=row.code, valid_from=row.valid_from, **_figures(wanted, identity))
        for identity, row in wanted.areas.items()
        if identity not in known
    )
    areas = known | {(area.code, area.valid_from): area for area in new}
    has_new_links = _load_links(wanted, areas)
    if changed or new or has_new_links:
        record(
            by=by,
            action="areas.load",
            object_type="area_list",
            object_id=wanted.sha256,
            details={"areas": len(areas), "new": len(new), "changed": sorted(str(area) for area in changed)},
            at=at or settings.DIEM06_CLOCK(),
        )
        queries.forget()
        transaction.on_commit(queries.forget)
    return LoadedAreas(areas=len(areas), new=len(new), changed=len(changed))


def _changed(wanted: AreaList, known: dict[Identity, Area]) -> list[Area]:
    """The known areas that the list describes otherwise, with the new values set."""
    changed = []
    for identity, area in known.items():
        figures = _figures(wanted, identity)
        if any(getattr(area, name) != value for name, value in figures.items()):
            for name, value in figures.items():
                setattr(area, name, value)
            changed.append(area)
    return changed


def _figures(wanted: AreaList, identity: Identity) -> dict[str, Any]:
    row = wanted.areas[identity]
    return {name: getattr(row, name) for name in _FIGURES}


def _load_links(wanted: AreaList, areas: dict[Identity, Area]) -> bool:
    """Make parents and successions of `areas` those of the list; returns whether any differed."""
    pks = {identity: area.pk for identity, area in areas.items()}
    parents = {(pks[row.area], pks[row.parent], row.from_day, row.to_day) for row in wanted.parents}
    successions = {
        (row.effective, pks[row.old], pks[row.new], row.share_population, row.share_area, row.basis)
        for row in wanted.successions
    }
    old_parents = AreaParent.objects.filter(area__in=pks.values())
    old_successions = Succession.objects.filter(old__in=pks.values())
    has_new_parents = _replace(old_parents, ("area_id", "parent_id", "from_day", "to_day"), parents)
    has_new_successions = _replace(
        old_successions, ("effective", "old_id", "new_id", "share_population", "share_area", "basis"), successions
    )
    return has_new_parents or has_new_successions


def _replace(old: Any, columns: tuple[str, ...], wanted: Iterable[tuple[Any, ...]]) -> bool:
    wanted = set(wanted)
    if set(old.values_list(*columns)) == wanted:
        return False
    old.delete()
    old.model.objects.bulk_create(
        old.model(**dict(zip(columns, values, strict=True))) for values in sorted(wanted, key=repr)
    )
    return True
