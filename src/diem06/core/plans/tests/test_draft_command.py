"""`diem06 plan draft`: one JSON object, a folder that `plan check` reads, named errors with exit code 2."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from diem06.core.areas.actions import load_areas
from diem06.plan.drafting import from_json
from vnlib.documents.tests.making import docx, p, table

PLAN = """UBND TỈNH BẮC GIANG
Số: 7/KH-UBND
Bắc Giang, ngày 05 tháng 01 năm 2024
KẾ HOẠCH
Chuyển đổi số năm 2024
I. MỤC TIÊU
- Tối thiểu 80% hồ sơ được nộp trực tuyến trước ngày 30/9/2024.
II. TỔ CHỨC THỰC HIỆN
1. Sở Thông tin và Truyền thông chủ trì, phối hợp với Công an tỉnh triển khai Kế hoạch.
2. UBND huyện Lục Nam báo cáo hằng tháng.
"""


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    path = tmp_path / "ke-hoach.txt"
    path.write_text(PLAN, encoding="utf-8")
    return path


def failed(capsys, *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as end:
        call_command("plan", "draft", *arguments)
    return int(end.value.code), capsys.readouterr().err


@pytest.mark.django_db
def test_json_is_one_object_with_the_documented_keys(plan_file, capsys):
    call_command("plan", "draft", str(plan_file), "--json")
    found = json.loads(capsys.readouterr().out)

    assert found["paragraphs"] == 10
    assert {"clauses", "targets", "assignments", "unsure"} <= set(found)
    target = found["targets"][0]
    assert (target["value"], target["unit"], target["comparison"], target["deadline"]) == (80, "%", ">=", "2024-09-30")
    task = found["assignments"][0]
    assert (task["lead"], task["coordinate"]) == (["Sở Thông tin và Truyền thông"], ["Công an tỉnh"])
    assert task["at"] == next(each["at"] for each in found["text"] if each["text"].startswith("1. Sở Thông tin"))


@pytest.mark.django_db
def test_every_key_of_the_json_is_in_the_page(plan_file, capsys):
    page = (Path(__file__).parents[5] / "docs" / "how-to" / "draft-a-plan.md").read_text(encoding="utf-8")
    call_command("plan", "draft", str(plan_file), "--json")
    found = json.loads(capsys.readouterr().out)
    keys = set(found) | {
        key for rows in found.values() if isinstance(rows, list) for row in rows if isinstance(row, dict) for key in row
    }

    assert [key for key in sorted(keys) if f"`{key}`" not in page] == []


@pytest.mark.django_db
def test_the_folder_is_read_by_plan_check_with_areas_filled_in(plan_file, tmp_path, capsys):
    """The lists know Bắc Giang and Lục Nam: nothing is left to decide, and the check is silent."""
    load_areas()
    call_command("plan", "draft", str(plan_file), "--out", str(tmp_path / "out"))
    assert "to decide: plan.area" not in capsys.readouterr().out
    call_command("plan", "check", str(tmp_path / "out"))

    assert "no fault" in capsys.readouterr().out
    kept = json.loads((tmp_path / "out" / "draft.json").read_text(encoding="utf-8"))
    assert from_json(kept["draft"]).files == ("ke-hoach.txt",)
    assert json.loads((tmp_path / "out" / "unsure.json").read_text(encoding="utf-8")) == []


@pytest.mark.django_db
def test_a_word_file_of_another_province_is_drafted(tmp_path, capsys):
    path = tmp_path / "kh.docx"
    path.write_bytes(
        docx(
            p("KẾ HOẠCH"),
            table(["TT", "Nhiệm vụ", "Chủ trì", "Thời hạn"], ["1", "Mở lớp tập huấn", "Sở Nội vụ", "Quý I/2025"]),
        )
    )
    call_command("plan", "draft", str(path), "--json")
    task = json.loads(capsys.readouterr().out)["assignments"][0]

    assert (task["task"], task["lead"], task["deadline"]) == ("Mở lớp tập huấn", ["Sở Nội vụ"], "2025-03-31")


@pytest.mark.django_db
def test_a_folder_drafted_before_is_written_anew_but_never_one_that_was_mended(plan_file, tmp_path, capsys):
    out = tmp_path / "out"
    call_command("plan", "draft", str(plan_file), "--out", str(out))
    call_command("plan", "draft", str(plan_file), "--out", str(out))
    mended = out / "who.toml"
    mended.write_text(mended.read_text(encoding="utf-8") + "\n# sửa tay\n", encoding="utf-8")
    code, told = failed(capsys, str(plan_file), "--out", str(out))

    assert code == 2
    assert "who.toml" in told
    assert mended.read_text(encoding="utf-8").endswith("# sửa tay\n")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "words"), [(b"PK\x03\x04xx", "hỏng"), (b"%PDF-1", "PDF"), (b"\x00\x01", "không phải văn bản")]
)
def test_files_that_are_no_plan_end_with_2(content, words, tmp_path, capsys):
    path = tmp_path / "x.docx"
    path.write_bytes(content)
    code, told = failed(capsys, str(path), "--json")

    assert code == 2
    assert words in told


@pytest.mark.django_db
def test_a_file_that_is_not_there_ends_with_2(tmp_path, capsys):
    code, told = failed(capsys, str(tmp_path / "none.docx"))

    assert code == 2
    assert "none.docx" in told
