"""The made-up register tells what the department declares, from below."""

from __future__ import annotations

from diem06.core.places.models import Place
from diem06.core.plans.actions import load_plan
from diem06.pilots.heritage_sites.demo import register
from diem06.pilots.heritage_sites.tests.sites import AT
from diem06.plan.reader import bundle_path


def test_without_declared_numbers_the_named_relics_stand_alone(db: None) -> None:
    load_plan(folder=bundle_path("bac-giang-2023"), at=AT, is_made_up=True)
    register.build(["2023-07"])

    assert set(Place.objects.filter(kind="heritage_site").values_list("code", flat=True)) == {
        relic.code for relic in register.RELICS
    }
