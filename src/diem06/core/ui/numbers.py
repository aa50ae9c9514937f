"""
Numbers as the screen shows them, in the active language: 1.234.567,8 and 67,5% in Vietnamese.

For display only: what is computed or typed stays an exact decimal, and the minus here is U+2212.
"""

from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import get_format

NO_VALUE = "—"
MOST_PLACES = 2


def rounded(value: Decimal | int, places: int) -> Decimal:
    """Return `value` rounded half up (away from zero) to `places` decimals."""
    return _exact(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def number(value: Decimal | int | None, places: int | None = None) -> str:
    """
    Return `value` with thousands grouped, «—» for None.

    Without `places`: as many decimals as the number has, two at most.
    """
    if value is None:
        return NO_VALUE
    if places is None:
        return _written(_trimmed(rounded(value, MOST_PLACES)))
    return _written(rounded(value, places))


def percent(ratio: Decimal | int | None, places: int | None = 1) -> str:
    """
    Return a ratio (0.675) as a percentage («67,5%»), «—» for None.

    Rounded half up to `places` decimals; None: as many as it has, two at most, as targets are written («50%»).
    """
    if ratio is None:
        return NO_VALUE
    return number(_exact(ratio) * 100, places) + "%"


def signed(value: Decimal | int | None, places: int | None = None) -> str:
    """Return `value` with its sign, «+224» or «−3»; 0 has none."""
    if value is None:
        return NO_VALUE
    words = number(value, places)
    return f"+{words}" if _exact(value) > 0 else words


def _exact(value: Decimal | int) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (Decimal, int)):
        raise TypeError(f"Expected Decimal or int, got {type(value).__name__}: figures are exact, floats are not.")
    return Decimal(value)


def _trimmed(value: Decimal) -> Decimal:
    """Drop zeros at the end of the decimals, none before the point."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def _written(value: Decimal) -> str:
    whole, _, decimals = f"{abs(value):f}".partition(".")
    grouped = f"{int(whole):,}".replace(",", str(get_format("THOUSAND_SEPARATOR")))
    words = grouped + (str(get_format("DECIMAL_SEPARATOR")) + decimals if decimals else "")
    # What rounds to nothing has no sign.
    return f"−{words}" if value < 0 else words
