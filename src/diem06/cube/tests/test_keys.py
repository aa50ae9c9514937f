"""Facts about figure keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diem06.cube.keys import FigureKey, FigureKeyError, Printed, parse_key

keys = st.builds(
    FigureKey,
    plan=st.sampled_from(["bg23", "sm"]),
    code=st.sampled_from(["P1", "P11b", "M1.2b", "O4"]),
    area=st.sampled_from(["", "24", "213", "07210"]),
    unit=st.sampled_from(["", "so-y-te", "tp-bac-giang"]),
    window=st.sampled_from(["2023-07", "2023-Q3", "2023", "ptd-2023-07"]),
    revision=st.integers(1, 999),
)


@given(keys)
def test_a_key_reads_back_as_itself(key: FigureKey) -> None:
    """Every key fits 48 ASCII characters and its tag the 64 that Word allows."""
    text = str(key)
    assert parse_key(text) == key
    assert len(text) <= 48
    assert all(len(key.tag(part)) <= 64 for part in Printed)


@pytest.mark.parametrize("text", ["", "P1", "bg23:P1:24:-:2023-07", "bg23:P1:24:-:2023-07:x", "bg23::24:-:2023-07:1"])
def test_what_is_no_key_is_refused(text: str) -> None:
    """A damaged key says what a key looks like."""
    with pytest.raises(FigureKeyError, match="bg23:P9:24:-:2023-07:3"):
        parse_key(text)


def test_a_key_that_is_too_long_is_never_made() -> None:
    """48 characters is the limit of the tag in a Word file."""
    with pytest.raises(FigureKeyError, match="48"):
        str(FigureKey(plan="bg23", code="P1", area="24", unit="x" * 40, window="2023-07", revision=1))
