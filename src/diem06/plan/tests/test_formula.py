from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diem06.plan.formula import Formula, FormulaError, Term, expand, parse
from diem06.plan.model import Grain, Kind, Measure

codes = st.from_regex(r"[a-z][a-z0-9]{0,4}(_[a-z0-9]{1,4}){0,2}", fullmatch=True)
values = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,6}", fullmatch=True)
conditions = st.lists(
    st.tuples(codes, st.lists(values, min_size=1, max_size=3, unique=True).map(tuple)),
    max_size=3,
    unique_by=lambda c: c[0],
).map(tuple)
first_terms = st.builds(Term, st.just(1), codes, conditions)
later_terms = st.builds(Term, st.sampled_from([1, -1]), codes, conditions)
formulas = st.builds(lambda first, rest: Formula((first, *rest)), first_terms, st.lists(later_terms, max_size=4))


def measure(code: str, derived: str = "") -> Measure:
    return Measure(
        code=code, name=code, name_en=code, entity="dossier", kind=Kind.FLOW, grain=Grain.UNIT, derived=derived
    )


@given(formulas)
def test_a_printed_formula_reads_back_as_the_same(formula):
    assert parse(str(formula)) == formula


@given(formulas, st.sampled_from(["", " ", "\t", "  "]))
def test_spaces_between_the_parts_of_a_formula_do_not_matter(formula, space):
    written = str(formula)
    for sign in "[]=|;":
        written = written.replace(sign, f"{space}{sign}{space}")

    assert parse(f"{space}{written}{space}") == formula


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_with_a_formula_error(written):
    try:
        formula = parse(written)
    except FormulaError:
        return
    assert parse(str(formula)) == formula


def test_a_formula_holds_signs_measures_and_filters():
    assert parse("dossiers[channel=online|postal; state=new] - filed + other").terms == (
        Term(1, "dossiers", (("channel", ("online", "postal")), ("state", ("new",)))),
        Term(-1, "filed"),
        Term(1, "other"),
    )


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        ("", "expected a measure at the end"),
        ("  ", "expected a measure at the end"),
        ("a -", "expected a measure at the end"),
        ("- a", "expected a measure at '- a'"),
        ("a b", "expected + or - at 'b'"),
        ("a / b", "expected + or - at '/ b'"),
        ("a[x=1", "expected + or - at '[x=1'"),
        ("A", "expected a measure at 'A'"),
        ("a[]", "a has the filter ''"),
        ("a[x]", "a has the filter 'x'"),
        ("a[x=]", "a has the filter 'x='"),
        ("a[x=1|]", "a has the filter 'x=1|'"),
        ("a[x=1;x=2]", "a names 'x=2' twice"),
        ("a[x=1|1]", "a names 'x=1|1' twice"),
    ],
)
def test_a_formula_that_cannot_be_read_tells_where(written, wrong):
    with pytest.raises(FormulaError) as caught:
        parse(written)

    assert caught.value.wrong.startswith(wrong)
    assert caught.value.write.startswith(("Write", "Name"))


def test_a_derived_measure_is_replaced_by_its_formula_with_signs_turned():
    measures = {
        m.code: m for m in (measure("a"), measure("b"), measure("c"), measure("d", "b - c"), measure("e", "d + a"))
    }

    assert str(expand(parse("a - e"), measures)) == "a - b + c - a"


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        ("x", "there is no measure 'x'."),
        ("d[channel=online]", "d is derived and cannot be filtered."),
        ("loop", "loop is derived from itself."),
    ],
)
def test_what_cannot_be_expanded_is_refused(written, wrong):
    measures = {m.code: m for m in (measure("a"), measure("d", "a"), measure("loop", "a + loop"))}

    with pytest.raises(FormulaError) as caught:
        expand(parse(written), measures)

    assert caught.value.wrong == wrong
