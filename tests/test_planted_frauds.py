"""A small version of `soak/frauds.py`: the rules flag nearly all planted frauds and leave honest unit-months alone."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests import planted
from tests.hunting import Tally, hunt

SEED = 1


@pytest.fixture(scope="module")
def tally() -> Tally:
    return hunt([SEED])


def test_nearly_all_planted_frauds_are_flagged(tally: Tally):
    """Of the 24 frauds of one seed at most one is missed."""
    assert tally.frauds.total() == len(planted.KINDS) * planted.FRAUDS_OF_A_KIND
    assert len(tally.misses) <= 1, tally.misses


def test_honest_units_are_left_alone(tally: Tally):
    """At most 3% of the honest unit-months of one seed are asked about; over 20 seeds it is under 2% (soak/frauds.py)."""
    assert tally.share_alarmed <= 0.03, tally.alarms_by_rule


def test_without_rules_nothing_is_flagged():
    """The tally counts what rules find, and nothing else."""
    blind = hunt([SEED], rules=[])

    assert (blind.flagged.total(), blind.alarms) == (0, 0)


def test_the_generator_knows_no_rule():
    """It imports the standard library alone, so no fraud is made to fit a rule."""
    tree = ast.parse(Path(planted.__file__).read_text(encoding="utf-8"))
    imported = {
        (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }

    assert imported <= {"__future__", "random", "dataclasses", "math"}
