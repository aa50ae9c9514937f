"""Leaves of time: half-months, cut at the 1st and the 15th, so that the periods of both calendars are made of whole leaves."""

from __future__ import annotations

from datetime import date


def leaf_of(day: date) -> date:
    """Return the first day of the leaf that a day lies in."""
    return day.replace(day=1 if day.day < 15 else 15)


def month_of(day: date) -> str:
    """Return the month of a day, as in 2023-07: two leaves."""
    return f"{day:%Y-%m}"


def month_after(day: date) -> date:
    """Return the first day of the month after that of `day`."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def leaves_of(month: str) -> tuple[date, date]:
    """Return the first days of the two leaves of a month."""
    first = date.fromisoformat(f"{month}-01")
    return first, first.replace(day=15)
