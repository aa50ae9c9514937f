"""Numbers as Vietnamese officials write them: 1.234.567,8 and 67,5%."""

import re
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Literal

from vnlib.text.folding import normalise

_LONGEST = 40
_GROUPED = {mark: re.compile(rf"[0-9]{{1,3}}(?:[{mark}][0-9]{{3}})+") for mark in (".", ",", " ")}
_MINUS = {"-", "−", "–"}


class NumberTextError(ValueError):
    """A text that is not one number. `str(error)` tells the person, in Vietnamese, what to write."""

    def __init__(self, text: str, message: str) -> None:
        super().__init__(message)
        self.text = text


class NotANumberError(NumberTextError):
    pass


class AmbiguousNumberError(NumberTextError):
    """
    «1.234» is a thousand and more to a Vietnamese reader, one and a bit to a program.

    Ask once for a file, then call `parse_number` with the `dot` that was meant.
    """

    def __init__(self, text: str, *, as_thousands: Decimal, as_decimal: Decimal) -> None:
        super().__init__(
            text,
            f"«{text}» có thể là {format_number(as_thousands)} hoặc {format_number(as_decimal)}. "
            f"Hãy viết {as_thousands} hoặc {format_number(as_decimal)}.",
        )
        self.as_thousands = as_thousands
        self.as_decimal = as_decimal


def format_number(value: int | Decimal, decimals: int | None = None) -> str:
    """
    Return `value` as 1.234.567,8.

    With `decimals`, exactly so many digits after the comma, half rounded away from zero; without,
    the digits that `value` has.
    """
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError(f"not a finite number: {value}")
    if decimals is not None:
        number = _rounded(number, decimals)
    if number == 0:
        number = abs(number)  # no «-0»
    return f"{number:,f}".translate(str.maketrans(",.", ".,"))


def format_percent(ratio: Decimal, decimals: int = 1) -> str:
    """Return the ratio 0.675 as «67,5%»: half up, with `decimals` (two at most) digits after the comma."""
    if not 0 <= decimals <= 2:
        raise ValueError(f"a percentage is shown with 0 to 2 decimals, got {decimals}")
    return format_number(ratio * 100, decimals) + "%"


def plain_number(value: Decimal) -> str:
    """Return `value` as programs read it, 1234567.8: each of its digits, without zeros at the end and without an exponent."""
    # Not `normalize`, which rounds to the digits of the context, 28 of them.
    digits = f"{value:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def parse_number(text: str, *, dot: Literal["thousands", "decimal"] | None = None) -> Decimal:
    """
    Return the number that `text` writes, Vietnamese (1.234.567,8) or plain (1234567.8).

    One comma is the Vietnamese decimal comma. One dot before exactly three digits («1.234») has two
    readings: unless `dot` says which is meant it raises AmbiguousNumberError; whatever else is not
    one number raises NotANumberError.
    """
    shown = normalise(text).strip()
    sign, digits = _sign_and_digits(shown)
    if re.fullmatch(r"[0-9]+", digits):
        return sign * Decimal(digits)
    if "." in digits and "," in digits:
        return sign * _with_both_marks(shown, digits)
    if " " in digits:
        return sign * _with_groups(shown, digits, " ")
    if "," in digits:
        return sign * _with_commas(shown, digits)
    return _with_dots(shown, digits, sign, dot)


def _rounded(number: Decimal, decimals: int) -> Decimal:
    if decimals < 0:
        raise ValueError(f"decimals cannot be negative, got {decimals}")
    with localcontext(prec=len(number.as_tuple().digits) + abs(number.adjusted()) + decimals + 2):
        return number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def _sign_and_digits(shown: str) -> tuple[int, str]:
    if not shown:
        raise NotANumberError(shown, "Ô trống. Hãy nhập một số, ví dụ 1.234.567,8.")
    if len(shown) > _LONGEST:
        raise NotANumberError(shown, f"Số dài quá {_LONGEST} ký tự. Hãy kiểm tra lại.")
    if shown.endswith("%"):
        raise NotANumberError(shown, f"«{shown}» có dấu %. Hãy bỏ dấu % rồi nhập lại.")
    sign = -1 if shown[0] in _MINUS else 1
    digits = shown[1:] if shown[0] in _MINUS or shown[0] == "+" else shown
    # Excel and some typists part thousands by a blank, often one that does not break.
    digits = re.sub(r"[\u00a0\u202f\u2009]", " ", digits).strip()
    if not re.fullmatch(r"[0-9.,' ]+", digits) or not digits[0].isdigit() or not digits[-1].isdigit():
        raise _not_a_number(shown)
    return sign, digits


def _with_both_marks(shown: str, digits: str) -> Decimal:
    decimal_mark = max(".,", key=digits.rfind)
    group_mark = "," if decimal_mark == "." else "."
    whole, _, fraction = digits.rpartition(decimal_mark)
    if decimal_mark in whole or not fraction.isdigit() or not _GROUPED[group_mark].fullmatch(whole):
        raise _not_a_number(shown)
    return Decimal(f"{whole.replace(group_mark, '')}.{fraction}")


def _with_groups(shown: str, digits: str, mark: str) -> Decimal:
    whole, comma, fraction = digits.replace(".", ",").partition(",")
    if not _GROUPED[mark].fullmatch(whole) or (comma and not fraction.isdigit()):
        raise _not_a_number(shown)
    return Decimal(whole.replace(mark, "") + (f".{fraction}" if comma else ""))


def _with_commas(shown: str, digits: str) -> Decimal:
    if digits.count(",") == 1 and digits.replace(",", "").isdigit():
        return Decimal(digits.replace(",", "."))
    return _with_groups_only(shown, digits, ",")


def _with_dots(shown: str, digits: str, sign: int, dot: Literal["thousands", "decimal"] | None) -> Decimal:
    if digits.count(".") != 1 or not digits.replace(".", "").isdigit():
        return sign * _with_groups_only(shown, digits, ".")
    as_decimal = sign * Decimal(digits)
    # «0.234» and «1234.567» are no groups of thousands: only one reading is left.
    if not _GROUPED["."].fullmatch(digits) or digits.startswith("0"):
        return as_decimal
    as_thousands = sign * Decimal(digits.replace(".", ""))
    if dot is None:
        raise AmbiguousNumberError(shown, as_thousands=as_thousands, as_decimal=as_decimal)
    return as_thousands if dot == "thousands" else as_decimal


def _with_groups_only(shown: str, digits: str, mark: str) -> Decimal:
    if not _GROUPED[mark].fullmatch(digits):
        raise _not_a_number(shown)
    return Decimal(digits.replace(mark, ""))


def _not_a_number(shown: str) -> NotANumberError:
    return NotANumberError(shown, f"«{shown}» không phải số. Hãy viết như 1.234.567,8 hoặc 1234567.8.")
