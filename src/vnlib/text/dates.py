"""Dates on screen and in official documents."""

import datetime as dt


def format_date(day: dt.date) -> str:
    """Return 5 January 2023 as «05/01/2023»."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def date_in_words(day: int | None, month: int | None, year: int) -> str:
    """
    Return «ngày 05 tháng 01 năm 2023», the date line of Nghị định 30/2020 (ô số 4).

    Days below 10 and months 1 and 2 get a 0 in front, so that no digit can be added by hand; months
    3 to 9 do not. A day or month not known yet is «…», for the clerk to fill in.
    """
    if day is not None and month is not None:
        dt.date(year, month, day)  # refuses 31 February
    day_words = "…" if day is None else f"{day:02}"
    month_words = "…" if month is None else f"{month:02}" if month <= 2 else str(month)
    return f"ngày {day_words} tháng {month_words} năm {year}"
