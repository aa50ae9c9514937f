"""The name of a cell in forms, remarks and answers."""

from __future__ import annotations

from diem06.core.plans.cells import Cell


def field_name(cell: Cell) -> str:
    """Return the form name of a cell: short, and read back by looking it up among the cells that are owed."""
    return f"v|{cell.measure}|{cell.dimensions}|{cell.area}|{cell.day.isoformat()}"
