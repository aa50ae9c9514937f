"""A draft with its decisions becomes plan data that passes the check; each decision shows in the files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from diem06.plan import drafting
from diem06.plan.checks import check
from diem06.plan.drafting import (
    DecisionError,
    Draft,
    DraftError,
    KnownArea,
    SourceFile,
    State,
    Verdict,
    as_json,
    bundle_of,
    changeable,
    decisions_as_json,
    decisions_from_json,
    field_text,
    from_json,
    open_questions,
    read_draft,
    with_areas,
)
from diem06.plan.drafting.tests.conftest import drafted
from diem06.plan.drafting.tests.test_fuzz import answers
from diem06.plan.drafting.tests.test_plans import FILES, MADE, draft_of
from diem06.plan.model import Plan
from diem06.plan.reader import read_plan


def loaded(files: dict[str, str], folder: Path) -> Plan:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return read_plan(folder)


@pytest.mark.parametrize("name", [*FILES, *MADE])
def test_each_draft_passes_the_check_once_what_is_open_is_answered(name, tmp_path):
    draft = draft_of(name)
    decisions = answers(draft)
    plan = loaded(bundle_of(draft, decisions), tmp_path)

    assert open_questions(draft, decisions) == ()
    assert [str(each) for each in check(plan, None)] == []
    assert len(plan.indicators) == len(draft.targets)
    assert plan.paragraphs


def test_the_real_plan_drafted_passes_the_check(from_text: Draft, tmp_path):
    plan = loaded(bundle_of(from_text, answers(from_text)), tmp_path)

    assert check(plan, None) == []
    # «thực hiện, triển khai»: each unit of a model leads in it; others lead in the provincial pilot.
    assert {(each.pilot, each.unit_in_plan) for each in plan.assignments} >= {
        ("M1", "Sở Xây dựng"),
        ("M8", "UBND huyện Yên Thế"),
    }
    assert [target.value for each in plan.indicators for target in each.targets].count(1) == 16


def test_the_places_of_a_clause_hold_the_heading_that_names_the_unit(tmp_path):
    """«a) Chủ trì ...» alone does not say who; the heading «1. Sở Y tế» does."""
    draft = draft_of("auto_numbered")
    plan = loaded(bundle_of(draft, answers(draft)), tmp_path)
    clause = next(
        each
        for each in plan.clauses
        if each.id == next(row.clause for row in plan.assignments if row.unit == "so-y-te")
    )

    assert [span.paragraph for span in clause.spans] == ["p013", "p014"]


def test_what_nobody_decided_is_marked_with_its_words():
    draft = draft_of("task_table")
    files = bundle_of(draft, {})

    assert "# CẦN QUYẾT ĐỊNH: Mã đơn vị hành chính mà kế hoạch bao trùm." in files["plan.toml"]
    assert "# Đề xuất, chưa ai xem: «100% hồ sơ được số hóa» (p011)" in files["indicators.toml"]


def test_an_accepted_item_has_no_mark_and_a_dropped_one_is_left_out(tmp_path):
    draft = draft_of("task_table")
    target, other = draft.targets[0], draft.targets[1]
    decisions = answers(draft) | {target.id: Verdict(state=State.ACCEPTED), other.id: Verdict(state=State.DROPPED)}
    files = bundle_of(draft, decisions)
    plan = loaded(files, tmp_path)

    assert f"«{target.words}» ({target.at})" not in files["indicators.toml"]
    assert [str(target.value) for each in plan.indicators for target in each.targets] == ["1", "1"]
    assert check(plan, None) == []


def test_a_mended_number_and_name_go_into_the_plan(tmp_path):
    draft = draft_of("lon-xon.txt")
    hospital = next(each for each in draft.units if each.words == "Trạm Y tế xã")
    decisions = answers(draft) | {
        draft.targets[1].id: Verdict(state=State.MENDED, changes={"value": "97,5", "deadline": "2025-06-30"}),
        hospital.id: Verdict(state=State.MENDED, changes={"name": "Trạm Y tế xã Tân Lập", "area": "24"}),
    }
    plan = loaded(bundle_of(draft, decisions), tmp_path)
    target = plan.indicators[1].targets[0]

    assert (str(target.value), target.stated) == ("0.975", "words")
    assert next(each for each in plan.units if each.code == hospital.code).names[0].name == "Trạm Y tế xã Tân Lập"


def test_members_given_to_a_group_stand_in_the_plan(tmp_path):
    draft = draft_of("task_table")
    group = next(each for each in draft.units if each.is_group)
    codes = [each.code for each in draft.units if not each.is_group][:2]
    decisions = answers(draft) | {group.id: Verdict(state=State.MENDED, changes={"members": "; ".join(codes)})}
    plan = loaded(bundle_of(draft, decisions), tmp_path)

    assert next(each for each in plan.groups if each.code == group.code).members == tuple(codes)


@pytest.mark.parametrize(
    ("item", "changes"),
    [
        ("t1", {"value": "nhiều"}),
        ("t1", {"value": "NaN"}),
        ("t1", {"deadline": "30/9/2024"}),
        ("t1", {"id": "t9"}),
        ("t1", {"colour": "red"}),
        ("u1", {"is_group": "maybe"}),
        ("t999", {}),
    ],
)
def test_a_decision_that_does_not_fit_is_refused_by_name(item, changes):
    draft = draft_of("task_table")

    with pytest.raises(DecisionError) as error:
        bundle_of(draft, {item: Verdict(state=State.MENDED, changes=changes)})

    assert error.value.item == item
    assert error.value.field == next(iter(changes), "")


@pytest.mark.parametrize("name", [*FILES, *MADE])
def test_a_draft_goes_through_json_and_comes_back_equal(name):
    draft = draft_of(name)

    assert from_json(json.loads(json.dumps(as_json(draft)))) == draft


def test_every_field_can_be_typed_as_it_is_shown():
    """What `field_text` shows, given back as a change, leaves each item as it was, but for the words of a day."""
    draft = draft_of("bo-y-te.txt")
    for item in draft.items():
        for name in changeable(item):
            if name != "deadline":
                decisions = {item.id: Verdict(state=State.MENDED, changes={name: field_text(item, name)})}
                assert drafting.apply(draft, decisions).item(item.id) == item


def test_decisions_go_through_json():
    decisions = {"t1": Verdict(state=State.MENDED, changes={"value": "5"}), "a2": Verdict(state=State.DROPPED)}

    assert decisions_from_json(json.loads(json.dumps(decisions_as_json(decisions)))) == decisions


@pytest.mark.parametrize(
    "values", [None, 7, [], {"a": 1}, {"files": 3}, {"version": 99}, {"targets": [{"value": "x"}]}]
)
def test_anything_else_is_no_draft(values):
    with pytest.raises(DraftError):
        from_json(values)


def test_areas_are_filled_in_by_name_where_one_fits_alone(from_text: Draft):
    """Two districts of one name in two provinces: the one inside the plan's province; a name that no list has stays open."""
    areas = [
        KnownArea(code="24", name="Tỉnh Bắc Giang", level="province"),
        KnownArea(code="218", name="Huyện Lục Nam", level="district", parent="24"),
        KnownArea(code="215", name="Huyện Yên Thế", level="district", parent="24"),
        KnownArea(code="999", name="Huyện Yên Thế", level="district", parent="77"),
    ]
    draft = with_areas(from_text, areas)
    codes = {each.words: each.area for each in draft.units if each.area_name}

    assert next(each.answer for each in draft.questions if each.id == "plan.area") == "24"
    assert codes["UBND huyện Lục Nam"] == "218"
    assert codes["UBND huyện Yên Thế"] == "215"
    assert codes["UBND huyện Sơn Động"] == ""


def test_ids_are_unique_and_each_item_stands_in_a_paragraph(from_text: Draft):
    ids = [each.id for each in from_text.items()]
    addresses = {each.address for each in from_text.paragraphs}

    assert len(ids) == len(set(ids))
    assert {each.at for each in from_text.items()} <= addresses


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "không có chữ"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"{\\rtf1 x}", "RTF"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 100, ".doc"),
        (b"PK\x03\x04 nothing", "hỏng"),
        (b"\x00\x01\x02", "không phải văn bản"),
        (b"\x93\x94\xfe\xfd", "bảng mã"),
    ],
)
def test_files_that_are_no_plan_are_refused_with_what_to_do(content, words):
    with pytest.raises(DraftError, match=words) as error:
        read_draft([SourceFile(name="ke-hoach.docx", content=content)])

    assert str(error.value).startswith("ke-hoach.docx: ")


def test_no_file_is_refused():
    with pytest.raises(DraftError):
        read_draft([])


def test_a_plan_and_its_annex_in_two_files_are_one_draft(plan_text):
    first, second = plan_text.split("Phụ lục\n", 1)
    draft = read_draft(
        [
            SourceFile(name="a.txt", content=first.encode()),
            SourceFile(name="b.txt", content=("Phụ lục\n" + second).encode()),
        ]
    )

    assert draft.files == ("a.txt", "b.txt")
    assert {each.file for each in draft.paragraphs} == {"a.txt", "b.txt"}
    assert len(draft.targets) == len(drafted(plan_text).targets)
