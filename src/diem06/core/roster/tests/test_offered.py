"""Which pilots a plan shows."""

from __future__ import annotations

from dataclasses import replace

from diem06.core.roster import installed_pilots
from diem06.core.roster.offered import offered_pilots
from diem06.plan.reader import bundle_path, read_plan


def test_pilot_is_offered_under_the_plan_s_pilot_of_its_clause_and_hidden_in_a_plan_without_it() -> None:
    plan = read_plan(bundle_path("bac-giang-2023"))
    offered = {each.config.label: each.named.code for each in offered_pilots(plan)}

    assert set(offered) == {config.label for config in installed_pilots()}
    for label, code in offered.items():
        without = replace(plan, pilots=tuple(named for named in plan.pilots if named.code != code))
        assert label not in {each.config.label for each in offered_pilots(without)}
