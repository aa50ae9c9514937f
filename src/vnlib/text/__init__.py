"""
Vietnamese text: search and sort keys, numbers, dates, and the font encodings of before Unicode.

Plain Python, standard library only. Errors that a person can mend are typed and speak Vietnamese.
"""

from vnlib.text.dates import date_in_words, format_date
from vnlib.text.folding import file_words, fold, normalise, unify_tone_placement
from vnlib.text.legacy import Encoding, convert_legacy, detect_legacy, is_capital_font
from vnlib.text.lunar import LunarDate, LunarDateError, days_in_lunar_month, leap_month_of, lunar_of, solar_of
from vnlib.text.numbers import (
    AmbiguousNumberError,
    NotANumberError,
    NumberTextError,
    format_number,
    format_percent,
    parse_number,
    plain_number,
)
from vnlib.text.order import name_sort_key, sort_key

__all__ = [
    "AmbiguousNumberError",
    "Encoding",
    "LunarDate",
    "LunarDateError",
    "NotANumberError",
    "NumberTextError",
    "convert_legacy",
    "date_in_words",
    "days_in_lunar_month",
    "detect_legacy",
    "file_words",
    "fold",
    "format_date",
    "format_number",
    "format_percent",
    "is_capital_font",
    "leap_month_of",
    "lunar_of",
    "name_sort_key",
    "normalise",
    "parse_number",
    "plain_number",
    "solar_of",
    "sort_key",
    "unify_tone_placement",
]
