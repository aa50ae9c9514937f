from __future__ import annotations

import dataclasses
import json

from diem06.plan.export import as_json, digest
from diem06.plan.reader import read_plan


def test_the_whole_plan_goes_through_json(bundle):
    told = json.loads(json.dumps(as_json(bundle), ensure_ascii=False))

    assert told["in_force_from"] == "2023-06-15"
    assert told["indicators"][0]["targets"][0]["value"] == "0.5"
    assert told["indicators"][0]["targets"][0]["from"] == "2023-06-15"
    assert told["measures"][0]["kind"] == "stock"
    assert told["obligations"][0]["where"] == {"point_kind": ["one_stop_shop"]}
    assert {name: len(rows) for name, rows in told.items() if isinstance(rows, list)} == {
        field.name: len(getattr(bundle, field.name))
        for field in dataclasses.fields(bundle)
        if isinstance(getattr(bundle, field.name), tuple)
    }


def test_the_digest_follows_what_the_plan_says_and_not_where_its_files_lie(small_folder, break_plan):
    first = digest(read_plan(small_folder))
    break_plan("plan.toml", "# An invented plan", "\n# An invented plan")
    moved = digest(read_plan(small_folder))
    break_plan("indicators.toml", "value = 0.6", "value = 0.7")

    assert moved == first
    assert digest(read_plan(small_folder)) != first
