"""What is known of Vietnamese documents beyond Doc 9303: the optional field and the expiry of identity cards, the numbers of passports."""

import calendar
import datetime as dt
import re

STATE = "VNM"
NO_EXPIRY = "991231"  # «Không thời hạn»
_FIRST_CARDS = dt.date(2016, 1, 1)  # Luật Căn cước công dân 2014: holders from 14
_CHILD_CARDS = dt.date(2024, 7, 1)  # Luật Căn cước 2023: any age
_HOLDER_AGE_2014 = 14
# Valid until the birthday of this age, when issued from the first to before the second: Luật Căn cước 2023, article 21, with its two-year rule.
_UNTIL = {14: (0, 12), 25: (12, 23), 40: (23, 38), 60: (38, 58)}
_FOR_LIFE_FROM = 58

_ONSET = "(?:NGH|NG|NH|GH|GI|KH|PH|TH|TR|CH|QU|[BCDGHKLMNPRSTVX])?"
_SYLLABLE = f"{_ONSET}[AEIOUY]{{1,3}}(?:CH|NH|NG|[CMNPT])?"
_ONE_SYLLABLE = re.compile(_SYLLABLE)
_FILLERS_READ = re.compile(f"{_SYLLABLE}(?:[KC]+{_SYLLABLE})*[KC]*")


def birthdays(birth: dt.date, age: int) -> frozenset[dt.date]:
    """Return the days that may count as the birthday: someone born on 29 February has 28 February and 1 March in other years."""
    year = birth.year + age
    if (birth.month, birth.day) == (2, 29) and not calendar.isleap(year):
        return frozenset({dt.date(year, 2, 28), dt.date(year, 3, 1)})
    return frozenset({birth.replace(year=year)})


def card_expiries(birth: dt.date) -> frozenset[dt.date]:
    """Return every day on which an identity card of this holder can expire."""
    return frozenset[dt.date]().union(*(birthdays(birth, age) for age in _UNTIL))


def may_expire(birth: dt.date, expiry: dt.date | None, *, today: dt.date) -> bool:
    """Tell whether a card with this expiry (None: for life) can have been issued by `today`."""
    if expiry is None:
        return min(birthdays(birth, _FOR_LIFE_FROM)) <= today
    return any(
        expiry in birthdays(birth, age) and _issued(birth, first, last) <= min(today, max(birthdays(birth, last)))
        for age, (first, last) in _UNTIL.items()
    )


def _issued(birth: dt.date, first: int, last: int) -> dt.date:
    """Return the first day on which a card could be issued to somebody aged `first` to `last`."""
    by_law_of_2023 = max(min(birthdays(birth, first)), _CHILD_CARDS)
    if last <= _HOLDER_AGE_2014:
        return by_law_of_2023
    return min(by_law_of_2023, max(min(birthdays(birth, max(first, _HOLDER_AGE_2014))), _FIRST_CARDS))


def hides_filler(word: str) -> bool:
    """Tell whether K or C in `word` may be fillers: the word is no syllable, what they part is («VANKTHU», «THUK»)."""
    return not _ONE_SYLLABLE.fullmatch(word) and _FILLERS_READ.fullmatch(word) is not None
