from __future__ import annotations

import re
from pathlib import Path

import pytest

from diem06.plan.faults import PlanErrors
from diem06.plan.reader import bundle_path, bundles, line_of, read_plan


def faults_of(folder: Path):
    with pytest.raises(PlanErrors) as caught:
        read_plan(folder)
    return caught.value.faults


PLAIN = """\
# a comment
id = "x"

[periods]
first = "2023-07"

[[indicator]]
code = "P1"

[[indicator.target]]
value = 1

[[indicator]]
code = "P2"

[[indicator.target]]
value = 0.5

[[indicator.target]]
value = 0.7
where = { a = ["b"] }
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("id", 2),
        ("periods", 4),
        ("periods.first", 5),
        ("periods.lock_days", 4),
        ("indicator", 7),
        ("indicator[0].target[0].value", 11),
        ("indicator[1]", 13),
        ("indicator[1].kind", 13),
        ("indicator[1].target[0].value", 17),
        ("indicator[1].target[1]", 19),
        ("indicator[1].target[1].where.a[0]", 21),
        ("measure", 1),
    ],
)
def test_a_path_has_the_line_of_its_key_or_of_the_nearest_header(path, line):
    assert line_of(PLAIN, path) == line


@pytest.mark.parametrize(
    ("file", "old", "new", "at", "path", "wrong"),
    [
        (
            "indicators.toml",
            "value = 0.6",
            'value = "cao"',
            "",
            "indicator[0].target[0].value",
            'expected a number, got "cao".',
        ),
        (
            "indicators.toml",
            "value = 0.6",
            'value = "7"',
            "",
            "indicator[0].target[0].value",
            'expected a number, got "7".',
        ),
        (
            "indicators.toml",
            "value = 0.6",
            "value = true",
            "",
            "indicator[0].target[0].value",
            "expected a number, got true.",
        ),
        (
            "indicators.toml",
            "value = 0.6",
            "value = nan",
            "",
            "indicator[0].target[0].value",
            "expected a number, got NaN.",
        ),
        ("plan.toml", "lock_days = 5", 'lock_days = "5"', "", "periods.lock_days", 'expected a whole number, got "5".'),
        ("plan.toml", "lock_days = 5", "lock_days = 5.0", "", "periods.lock_days", "expected a whole number, got 5.0."),
        (
            "plan.toml",
            "late_annex = true",
            "late_annex = 1",
            "",
            "report.kind[1].late_annex",
            "expected true or false, got 1.",
        ),
        ("plan.toml", 'version = "1"', "version = 1", "", "version", "expected text, got 1."),
        (
            "plan.toml",
            "in_force_from = 2024-01-02",
            'in_force_from = "2024-01-02"',
            "",
            "in_force_from",
            'expected a day, got "2024-01-02".',
        ),
        (
            "plan.toml",
            "in_force_from = 2024-01-02",
            "in_force_from = 2024-01-02T00:00:00",
            "",
            "in_force_from",
            "expected a day, got 2024-01-02T00:00:00.",
        ),
        (
            "plan.toml",
            'calendar = "month"',
            'calendar = "lunar"',
            "",
            "periods.calendar",
            'expected one of the words below, got "lunar".',
        ),
        (
            "measures.toml",
            'owed_by = ["phong-gddt"]',
            'owed_by = "phong-gddt"',
            "",
            "obligation[0].owed_by",
            'expected a list, got "phong-gddt".',
        ),
        (
            "measures.toml",
            'owed_by = ["phong-gddt"]',
            'owed_by = ["phong-gddt", 7]',
            "",
            "obligation[0].owed_by[1]",
            "expected text, got 7.",
        ),
        (
            "measures.toml",
            'split_by = ["paid_by"]',
            'split_by = ["paid_by"]\nwhere = ["state"]',
            'where = ["state"]',
            "obligation[0].where",
            "expected a table, got a list.",
        ),
        (
            "measures.toml",
            'split_by = ["paid_by"]',
            'split_by = ["paid_by"]\nwhere = { paid_by = "state" }',
            "where = {",
            "obligation[0].where",
            'expected a list, got "state".',
        ),
        ("who.toml", "[[unit.name]]", "[unit.name]", "", "unit[0].name", "expected a list, got a table."),
        ("plan.toml", "[periods]", "[[periods]]", "", "periods", "expected a table, got a list."),
        ("indicators.toml", 'kind = "flow"', 'kynd = "flow"', "", "indicator[0].kynd", "is not known here."),
        ("indicators.toml", 'kind = "flow"\n', "", "[[indicator]]", "indicator[0].kind", "is missing."),
        ("plan.toml", 'title = "Kế hoạch', 'titel = "Kế hoạch', "# An", "title", "is missing."),
        ("indicators.toml", "[[scope_list]]", "[[scope]]", "", "scope", "is not known here."),
    ],
)
def test_a_value_of_the_wrong_form_is_told_at_its_line(break_plan, small_folder, file, old, new, at, path, wrong):
    """Each fault has the line of its key, or of its header where the key is missing; nothing is coerced."""
    name, line = break_plan(file, old, new, at)

    assert (name, line, path, wrong) in [(f.file, f.line, f.path, f.wrong) for f in faults_of(small_folder)]


def test_a_line_that_is_not_toml_is_told_with_its_own_line(break_plan, small_folder):
    name, line = break_plan("plan.toml", "lock_days = 5", "lock_days = = 5")

    (fault,) = faults_of(small_folder)

    assert (fault.file, fault.line) == (name, line)
    assert fault.wrong.startswith("not TOML: ")


def test_a_value_over_several_lines_is_refused_for_it_hides_the_lines(break_plan, small_folder):
    name, line = break_plan(
        "measures.toml", 'values = ["state", "family"]', 'values = [\n"state",\n"family"]', '"state",'
    )

    assert [(f.file, f.line) for f in faults_of(small_folder)] == [(name, line), (name, line + 1)]


@pytest.mark.parametrize("quotes", ['"""', "'''"])
def test_text_over_several_lines_is_refused(break_plan, small_folder, quotes):
    name, line = break_plan("text.toml", 'text = "KẾ HOẠCH"', f"text = {quotes}KẾ\nHOẠCH{quotes}")

    assert (name, line) in [(f.file, f.line) for f in faults_of(small_folder)]


def test_a_file_that_is_not_utf8_is_named(small_folder):
    (small_folder / "text.toml").write_bytes("[[paragraph]]\n".encode("utf-16"))

    (fault,) = faults_of(small_folder)

    assert (fault.file, fault.wrong) == (str(small_folder / "text.toml"), "the file is not UTF-8.")


def test_a_key_in_two_files_is_refused_with_both_places(break_plan, small_folder):
    (small_folder / "extra.toml").write_text('\n[[pilot]]\ncode = "C"\n', encoding="utf-8")

    (fault,) = [fault for fault in faults_of(small_folder) if fault.file.endswith("who.toml")]

    assert (fault.line, fault.path) == (1, "pilot")
    assert fault.wrong == f"stands also in {small_folder / 'extra.toml'}:2."


def test_a_whole_kind_of_table_that_is_missing_is_told_in_plan_toml(small_folder):
    (small_folder / "text.toml").unlink()

    (fault,) = faults_of(small_folder)

    assert (fault.file, fault.line, fault.path) == (str(small_folder / "plan.toml"), 1, "paragraph")
    assert fault.write == "Add [[paragraph]], or paragraph = [] if there is none."


def test_a_folder_without_files_is_refused(tmp_path):
    (fault,) = faults_of(tmp_path)

    assert fault.wrong == "there is no .toml file."


def test_all_faults_are_told_at_once_in_the_order_of_the_files(break_plan, small_folder):
    expected = [
        break_plan("indicators.toml", "value = 0.6", 'value = "cao"'),
        break_plan("plan.toml", "lock_days = 5", 'lock_days = "5"'),
        break_plan("who.toml", 'reports = "yes"', "reports = 1"),
    ]

    assert [(f.file, f.line) for f in faults_of(small_folder)] == expected


def test_a_fault_prints_as_file_line_path_and_what_to_write(break_plan, small_folder):
    name, line = break_plan("indicators.toml", "value = 0.6", 'value = "cao"')

    with pytest.raises(PlanErrors, match=re.escape(f"{name}:{line}: indicator[0].target[0].value: ")) as caught:
        read_plan(small_folder)

    assert str(caught.value) == (
        f'{name}:{line}: indicator[0].target[0].value: expected a number, got "cao".\n'
        "  Write a figure such as 0.5, without quotes."
    )


def test_every_shipped_plan_lies_in_the_folder_of_its_id():
    assert {plan_id: read_plan(folder).id for plan_id, folder in bundles().items()} == {
        "bac-giang-2023": "bac-giang-2023"
    }


def test_a_plan_that_is_not_shipped_is_refused():
    with pytest.raises(KeyError, match="shipped are bac-giang-2023"):
        bundle_path("no-such-plan")
