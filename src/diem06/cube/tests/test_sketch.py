"""Estimated counts: how far they are off, and that they are made only where a measure asks for it."""

from __future__ import annotations

from dataclasses import replace
from statistics import fmean

import pyarrow as pa
import pytest
from django.db import connection

from diem06.cube.engine.postgres import PostgresRunner
from diem06.cube.engine.request import FACTS
from diem06.cube.engine.rollup import roll_up
from diem06.cube.engine.runner import DuckDBRunner
from diem06.cube.engine.sketch import HIGHEST, REGISTERS, STANDARD_ERROR, estimate, power
from diem06.cube.tests.rollup_cases import crowd, estimated, request_of, seeded_cases

SIZES = (200, 1_000, 4_000, 10_000, 20_000)
"""Below, around and above the size at which registers fill up, where other estimators switch."""


@pytest.mark.parametrize("size", SIZES)
def test_the_error_is_that_of_the_theory(size: int) -> None:
    """Over twenty fixed sets: no bias beyond its own error, the mean square within the standard error, none beyond four of it."""
    errors = [estimated(f"{seed}:{number}" for number in range(size)) / size - 1 for seed in range(20)]
    assert abs(fmean(errors)) <= 3 * STANDARD_ERROR / 20**0.5
    assert fmean(error * error for error in errors) ** 0.5 <= 1.25 * STANDARD_ERROR
    assert max(map(abs, errors)) <= 4 * STANDARD_ERROR


@pytest.mark.parametrize("size", [1, 2, 5, 10, 20])
def test_a_few_are_as_good_as_counted(size: int) -> None:
    """At most one is missed, where two share a register."""
    assert {size - estimated(f"{seed}:{number}" for number in range(size)) for seed in range(20)} <= {0, 1}


def test_a_set_never_has_a_higher_estimate_than_one_that_holds_it() -> None:
    """So a share of estimates never exceeds 100%."""
    names = [f"n{number}" for number in range(3000)]
    estimates = [estimated(names[:size]) for size in range(0, 3000, 50)]
    assert estimates == sorted(estimates)
    assert estimate(0, 0) == 0


def test_the_sum_of_powers_fits_in_64_bits() -> None:
    assert REGISTERS * power(1) < 2**63
    assert power(HIGHEST) == 1


def test_sets_of_a_thousand_are_estimated_as_by_hand() -> None:
    """People seen in both communes are one in the district: the registers of both are merged, never added."""
    sides = roll_up(crowd(9_000))["nd09 2023-07"].sides
    everybody = [f"person {number}" for number in range(9_000)]
    both = everybody[::3]
    found = {area: sides["0.E", "den", area, ""] for area in ("c1", "c2", "d1", "p")}
    assert {area: side.value for area, side in found.items()} == {
        "c1": estimated(everybody), "c2": estimated(both), "d1": estimated(everybody), "p": estimated(everybody),
    }  # fmt: skip
    assert all(side.is_approximate for side in found.values())
    assert found["d1"].weights == (estimated(everybody), estimated(both), 0)
    filtered = [name for number, name in enumerate(everybody) if number % 5]
    assert sides["0.E", "num", "p", ""].value == estimated(filtered)
    assert sides["0.E", "den", "p", "u1"].value == estimated(everybody[::2])


@pytest.mark.django_db
def test_postgresql_fills_the_same_registers() -> None:
    """The same whole numbers, on the database of the suite where that is PostgreSQL."""
    if connection.vendor != "postgresql":
        pytest.skip("runs in the PostgreSQL part")
    connection.ensure_connection()
    request = crowd(3_000)
    with PostgresRunner(connection.connection) as runner:
        assert roll_up(request, runner) == roll_up(request)


def test_nothing_is_estimated_unless_a_measure_asks_for_it() -> None:
    """Without such a measure not one step more is taken."""
    made: list[str] = []

    class Noted(DuckDBRunner):
        def make(self, name: str, select: str, *, kept: bool) -> None:
            made.append(name)
            super().make(name, select, kept=kept)

        def load(self, name: str, table: pa.Table) -> None:
            made.append(name)
            super().load(name, table)

    request = request_of(seeded_cases(4, 5))
    with Noted() as runner:
        counted = roll_up(replace(request, approximate=frozenset()), runner)
    assert [name for name in made if name.startswith("sketch")] == []
    assert not any(side.is_approximate for cells in counted.values() for side in cells.sides.values())
    empty = replace(request, facts=FACTS.empty_table())
    with Noted() as runner:
        roll_up(empty, runner)
    assert [name for name in made if name.startswith("sketch")] == []
