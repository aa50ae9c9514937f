"""
How long an identity card lasts: until the birthday at 14, 25, 40 or 60, and until the next of these if issued within two years before one.

Luật Căn cước 2023 (26/2023/QH15), article 21; the law of 2014 gave cards from 14 on, with the same ages and years of grace. Both the day that
follows from an issue (`expiry`) and whether a day that is printed can be right (`may_expire`) come from one table.
"""

import calendar
import datetime as dt

YOUNGEST_HOLDER_UNTIL_2024 = 14
_FIRST_CARDS = dt.date(2016, 1, 1)  # of the law of 2014
_CHILD_CARDS = dt.date(2024, 7, 1)  # by the law of 2023: any age
_AGES = (14, 25, 40, 60)
_YEARS_OF_GRACE = 2
_LAST_AGES = tuple(age - _YEARS_OF_GRACE for age in _AGES)
# Until which age a card lasts that was issued from the second age to before the third.
_SPANS = tuple(zip(_AGES, (0, *_LAST_AGES), _LAST_AGES, strict=False))
_FOR_LIFE_FROM = _LAST_AGES[-1]


def expiry(dob: dt.date, issued: dt.date) -> dt.date | None:
    """
    Return the birthday until which a card is good, None if for ever; the QR does not say.

    For people born on 29 February the day is 28 February in a common year; 1 March is defended too.
    """
    return next((birthday_at(dob, age) for age, _, last in _SPANS if issued < birthday_at(dob, last)), None)


def is_expired(dob: dt.date, issued: dt.date, *, today: dt.date) -> bool:
    """Tell whether a card is past its day; the day itself still counts."""
    last = expiry(dob, issued)
    return last is not None and today > last


def is_possible_expiry(birth: dt.date, day: dt.date) -> bool:
    """Tell whether an identity card of this holder can expire on this day, whenever it was issued."""
    age = day.year - birth.year
    return age in _AGES and day in birthdays(birth, age)


def may_expire(birth: dt.date, day: dt.date | None, *, today: dt.date) -> bool:
    """Tell whether a card with this expiry (None: for life) can have been issued by `today`."""
    if day is None:
        return birthday_at(birth, _FOR_LIFE_FROM) <= today
    return any(
        day in birthdays(birth, age) and _first_issue(birth, first, last) <= min(today, max(birthdays(birth, last)))
        for age, first, last in _SPANS
        if day.year == birth.year + age
    )


def birthday_at(dob: dt.date, age: int) -> dt.date:
    """Return the birthday at `age`; 28 February for 29 February in a common year."""
    return min(birthdays(dob, age))


def birthdays(birth: dt.date, age: int) -> tuple[dt.date, ...]:
    """Return the days that may count as the birthday: someone born on 29 February has 28 February and 1 March in other years."""
    year = birth.year + age
    if (birth.month, birth.day) == (2, 29) and not calendar.isleap(year):
        return dt.date(year, 2, 28), dt.date(year, 3, 1)
    return (birth.replace(year=year),)


def _first_issue(birth: dt.date, first: int, last: int) -> dt.date:
    """Return the first day on which a card could be issued to somebody aged `first` to `last`."""
    by_law_of_2023 = max(birthday_at(birth, first), _CHILD_CARDS)
    if last <= YOUNGEST_HOLDER_UNTIL_2024:
        return by_law_of_2023
    return min(by_law_of_2023, max(birthday_at(birth, max(first, YOUNGEST_HOLDER_UNTIL_2024)), _FIRST_CARDS))
