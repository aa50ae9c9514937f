"""Laws of the canonical form, of the tree and of sorting on disk."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from unicodedata import normalize

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diem06.cube.closing.canonical import FACT, FACT_FIELDS, decode, encode, text_of
from diem06.cube.closing.merkle import EMPTY, Tree, root_of
from diem06.cube.closing.seal import area_digests, fact_record, facts_root, measure_digests
from diem06.cube.closing.sorting import sorted_records

pytestmark = pytest.mark.once
# A busy machine must not fail a law; those that sort on disk take fewer examples.
QUICK = settings(deadline=None)
ON_DISK = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
FIELDS = st.lists(st.none() | TEXTS, min_size=1, max_size=6)
FACTS = st.fixed_dictionaries(
    {name: st.sampled_from(["", "a", "b", "hà"]) for name in FACT_FIELDS}
    | {
        "day": st.dates(date(2023, 7, 1), date(2023, 7, 3)),
        "area_valid_from": st.just(date(2020, 1, 1)),
        "recorded_at": st.datetimes(timezones=st.just(UTC)),
        "value": st.integers(-3, 3),
    }
)


@QUICK
@given(FIELDS, FIELDS)
def test_different_records_have_different_bytes(one, other):
    """Nothing can be moved from field to field, and a record's bytes give its fields back."""
    assert (encode(one) == encode(other)) == (one == other)
    assert decode(encode(one)) == one


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([None], [""]),
        (["1", None, "2"], ["1", "2", None]),
        (["ab", ""], ["a", "b"]),
        (["a", "T1:b"], ["a", "b"]),
        (["N"], [None]),
        (["", ""], [""]),
    ],
)
def test_not_known_is_not_empty_and_fields_keep_their_bounds(one, other):
    """The pairs that a form without lengths, or one that leaves NULL out, would confuse."""
    assert encode(one) != encode(other)


@QUICK
@given(st.binary(max_size=30))
def test_bytes_that_were_never_written_are_refused_or_are_their_own(raw):
    """Each sequence of bytes stands for one record at most."""
    try:
        fields = decode(raw)
    except ValueError:
        return
    assert encode(fields) == raw


@QUICK
@given(TEXTS)
def test_texts_are_one_whatever_their_normal_form(text):
    """The same word typed on two systems has the same bytes."""
    assert text_of(normalize("NFD", text)) == text_of(normalize("NFC", text))


def test_days_moments_and_numbers_are_written_in_one_way():
    """A moment does not depend on where it was written; a number has no exponent; there is no float and no truth value."""
    hanoi = datetime(2023, 7, 15, 0, 0, tzinfo=timezone(timedelta(hours=7)))
    assert text_of(hanoi) == text_of(hanoi.astimezone(UTC)) == "2023-07-14T17:00:00.000000Z"
    assert text_of(date(2023, 7, 14)) == "2023-07-14"
    assert [text_of(Decimal("1E+2")), text_of(Decimal("0.50")), text_of(-7)] == ["100", "0.50", "-7"]
    for wrong in (0.5, True, b"x"):
        with pytest.raises(TypeError):
            text_of(wrong)
    with pytest.raises(ValueError, match="offset"):
        text_of(datetime(2023, 7, 14))  # noqa: DTZ001  that is what is refused


def by_definition(leaves: list[bytes]) -> bytes:
    """The tree of RFC 6962, 2.1, as it is written there."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\x01" + by_definition(leaves[:half]) + by_definition(leaves[half:])).digest()


@QUICK
@given(st.lists(st.binary(max_size=4), max_size=40))
def test_the_tree_is_that_of_rfc_6962(leaves):
    """Built leaf by leaf it has the root of the definition."""
    assert root_of(leaves) == by_definition(leaves).hex()


def test_no_leaves_have_the_root_of_nothing():
    assert Tree().root == EMPTY == hashlib.sha256(b"").hexdigest()


@QUICK
@given(st.lists(st.binary(max_size=3), max_size=12), st.lists(st.binary(max_size=3), max_size=12))
def test_different_lists_have_different_roots(one, other):
    """A leaf more, less, twice or different changes the root; so does a node in a leaf's place."""
    assert (root_of(one) == root_of(other)) == (one == other)


def digest_of(facts: list[dict]) -> str:
    with sorted_records((fact_record(fact) for fact in facts), run=3, runs=2) as records:
        return facts_root(measure_digests(area_digests(records), measures=["a", "b"]))


@ON_DISK
@given(st.lists(FACTS, max_size=14), st.randoms())
def test_the_digest_of_facts_does_not_depend_on_their_order(facts, chance):
    shuffled = list(facts)
    chance.shuffle(shuffled)
    assert digest_of(shuffled) == digest_of(facts)


@ON_DISK
@given(st.lists(FACTS, max_size=8), st.lists(FACTS, max_size=8))
def test_other_facts_have_another_digest(one, other):
    """As lists without order: one fact more, less or in another state is seen."""
    same = sorted(map(fact_record, one)) == sorted(map(fact_record, other))
    assert (digest_of(one) == digest_of(other)) == same


@ON_DISK
@given(st.lists(FACTS, min_size=1, max_size=6), st.data())
def test_every_field_of_a_fact_counts(facts, data):
    """A change of any one field of any fact is another digest."""
    place = data.draw(st.integers(0, len(facts) - 1))
    for name in FACT_FIELDS:
        old = facts[place][name]
        new = old + timedelta(days=1) if isinstance(old, date) else old + 1 if isinstance(old, int) else f"{old}x"
        assert digest_of([*facts[:place], facts[place] | {name: new}, *facts[place + 1 :]]) != digest_of(facts), name


@ON_DISK
@given(st.lists(FACTS, max_size=14))
def test_digests_stand_by_measure_and_area(facts):
    """Facts of one measure and area make one digest, and no fact is lost between them."""
    with sorted_records(map(fact_record, facts), run=4, runs=2) as records:
        found = list(area_digests(records))
    names = [(area.measure, area.area, area.valid_from) for area in found]
    assert len(set(names)) == len(names)
    assert sum(area.facts for area in found) == len(facts)
    assert set(names) == {(fact["measure"], fact["area"], fact["area_valid_from"].isoformat()) for fact in facts}


@ON_DISK
@given(st.lists(st.binary(max_size=5), max_size=60), st.integers(1, 7), st.integers(2, 4))
def test_sorting_on_disk_is_sorting(records, run, runs):
    """Whatever fits in memory, and however many files are merged."""
    with sorted_records(iter(records), run=run, runs=runs) as found:
        assert list(found) == sorted(records)


def test_a_measure_without_facts_is_sealed_as_one_without_facts():
    """Leaving the measure out would be another digest."""
    assert facts_root(measure_digests([], measures=["a"])) != facts_root(measure_digests([], measures=[]))
    assert encode([FACT]) != encode([])
