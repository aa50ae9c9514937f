"""Whatever bytes come in: a draft whose every value stands in its words, or a DraftError. Never anything else."""

from __future__ import annotations

import io
import zipfile
from time import monotonic

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from diem06.plan.checks import check
from diem06.plan.drafting import (
    Draft,
    DraftError,
    SourceFile,
    State,
    Verdict,
    as_json,
    bundle_of,
    from_json,
    open_questions,
    read_draft,
    summary,
)
from diem06.plan.drafting.tests import plans
from diem06.plan.drafting.tests.truth import not_in_the_words
from diem06.plan.reader import read_plan

PIECES = st.sampled_from(
    [
        "I. MỤC TIÊU", "II. NHIỆM VỤ", "1. Sở Y tế", "a) ", "- ", "+ ", "* ", "Phụ lục", "PHẦN I", "Giao ", "chủ trì", ", ", "; ", ". ", ": ", "\n", "\n\n",
        "phối hợp với ", "Công an tỉnh", "UBND các huyện, thành phố", "các sở, ban, ngành", "100%", "60 %", "3/4 số hộ", "tối thiểu ", "đạt ", "500 người",
        "trước ngày 30/9/2023", "ngày 31/2/2024", "quý III/2024", "đến hết năm 2023", "hằng tháng", "| a | b |", "|---|---|", "\t", "Nơi nhận:", "TM. UBND",
        "Mô hình 2: X", "Đơn vị thực hiện: ", "Thời gian: ", "Số: 1/KH-UBND", "KẾ HOẠCH", "“", "”", "(", ")", "¹ ", "9" * 30, "%", "\u00a0", "Việt", "tháng 13/2024",
    ]
)  # fmt: skip


def tried(content: bytes, name: str = "x") -> Draft | None:
    try:
        return read_draft([SourceFile(name=name, content=content)])
    except DraftError as error:
        told = str(error)
    assert told.startswith(f"{name}: ") or "đoạn" in told
    return None


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_give_a_draft_or_a_named_error(content):
    tried(content)


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_gives_a_draft_that_can_be_kept_and_shown(text):
    draft = tried(text.encode("utf-8", "ignore"))
    if draft:
        assert from_json(as_json(draft)) == draft
        summary(draft)
        bundle_of(draft, {})


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=60))
@example(["9" * 30, "100%"])  # more digits than a Decimal keeps when it is worked with
def test_words_of_plans_in_any_order_give_nothing_that_is_not_there(pieces):
    draft = tried("".join(pieces).encode())
    if draft:
        assert not_in_the_words(draft) == []
        assert from_json(as_json(draft)) == draft


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.lists(PIECES, min_size=1, max_size=60))
def test_words_of_plans_in_any_order_give_a_bundle_without_fault(tmp_path, pieces):
    """Once what is open is answered, `plan check` finds nothing, however odd the document."""
    draft = tried("".join(pieces).encode())
    if draft is None or not any(not each.is_group for each in draft.units) or not draft.clauses:
        return
    for old in tmp_path.glob("*.toml"):
        old.unlink()
    for name, text in bundle_of(draft, answers(draft)).items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    assert [str(each) for each in check(read_plan(tmp_path), None)] == []


def answers(draft: Draft) -> dict[str, Verdict]:
    """A reviewer's answers to all that is open."""
    unit = next(each.code for each in draft.units if not each.is_group)
    known = {
        "plan.in_force_from": "2023-01-01",
        "plan.area": "24",
        "plan.first": "2023-01",
        "plan.id": "thu",
        "plan.key": "th",
        "plan.title": "Thử",
    }
    found = {}
    for each in open_questions(draft, {}):
        if each.id.endswith(".area") and each.id != "plan.area":
            found[each.id.removesuffix(".area")] = Verdict(state=State.MENDED, changes={"area": "213"})
        else:
            found[each.id] = Verdict(state=State.MENDED, changes={"answer": known.get(each.id, unit)})
    return found


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(["task_table", "auto_numbered", "target_table", "old_fonts"]), st.data())
def test_a_word_file_with_damaged_parts_gives_a_draft_or_a_named_error(name, data):
    """Bytes of its parts are overwritten, parts are cut or left out."""
    source = zipfile.ZipFile(io.BytesIO(getattr(plans, name)()))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for part in source.namelist():
            content = bytearray(source.read(part))
            match data.draw(st.sampled_from(["keep", "keep", "change", "cut", "drop"])):
                case "change":
                    for _ in range(data.draw(st.integers(1, 8))):
                        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
                case "cut":
                    content = content[: data.draw(st.integers(0, len(content)))]
                case "drop":
                    continue
            archive.writestr(part, bytes(content))

    tried(buffer.getvalue())


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["task_table", "auto_numbered"]), st.data())
def test_a_damaged_archive_gives_a_draft_or_a_named_error(name, data):
    content = bytearray(getattr(plans, name)())
    for _ in range(data.draw(st.integers(1, 10))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))

    tried(bytes(content))


@pytest.mark.parametrize(
    "text",
    [
        "Sở " * 20_000,
        "UBND huyện, " * 10_000,
        "1.1." * 20_000,
        "a" * 200_000,
        "| " * 50_000,
        "các sở, ban, ngành, " * 8_000,
        "Trung tâm " + "Y tế và " * 10_000,
        "100% " * 3_000,
        "ngày 1/1/2023 " * 8_000,
        "phối hợp với " * 8_000,
        "(" * 50_000,
        "Chủ trì: " * 5_000,
    ],
)
def test_a_text_made_to_be_slow_is_read_in_seconds(text):
    start = monotonic()
    tried(text.encode())

    assert monotonic() - start < 10
