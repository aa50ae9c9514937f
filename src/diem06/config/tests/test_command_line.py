"""Facts about `diem06` itself: what an operator is told, in two languages and without a traceback, when something cannot be used."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError

from diem06.config import command_line
from tests.server import diem06


def test_a_database_that_is_not_set_up_is_said_in_a_sentence(tmp_path: Path) -> None:
    """Of a whole process: exit code 2, both languages, what to run; no traceback."""
    ended = diem06(tmp_path, "seal", "list", check=False)
    assert ended.returncode == 2
    assert ended.stderr.splitlines() == [
        "Cơ sở dữ liệu chưa dùng được: no such table: plans_loadedplan. Xem lại DIEM06_DATA hoặc DIEM06_DATABASE, rồi chạy `diem06 migrate`.",
        "The database is not ready: no such table: plans_loadedplan. Look at DIEM06_DATA or DIEM06_DATABASE, then run `diem06 migrate`.",
    ]


@pytest.mark.parametrize(
    ("fault", "vietnamese", "english"),
    [
        (
            FileNotFoundError(2, "No such file or directory", "/x/y"),
            "Không đọc hoặc ghi được /x/y: No such file or directory. ",
            "Cannot read or write /x/y: No such file or directory. ",
        ),
        (
            FileNotFoundError("x: no such folder."),
            "Không đọc hoặc ghi được x: no such folder. ",
            "Cannot read or write x: no such folder. ",
        ),
        (
            OperationalError("no such table: a\nline 2"),
            "Cơ sở dữ liệu chưa dùng được: no such table: a. ",
            "The database is not ready: no such table: a. ",
        ),
        (
            ImproperlyConfigured("Set DIEM06_X."),
            "Cấu hình chưa đúng: Set DIEM06_X. ",
            "The settings are wrong: Set DIEM06_X. ",
        ),
    ],
)
def test_what_cannot_be_used_is_said_in_two_languages(
    monkeypatch: Any, capsys: Any, fault: Exception, vietnamese: str, english: str
) -> None:
    """One line each; `--traceback` shows where it came from."""

    def broken(_words: list[str]) -> None:
        raise fault

    monkeypatch.setattr(command_line, "execute_from_command_line", broken)
    monkeypatch.setattr(sys, "argv", ["diem06", "seal"])
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    first, second = capsys.readouterr().err.splitlines()
    assert (ended.value.code, first.startswith(vietnamese), second.startswith(english)) == (2, True, True), (
        first,
        second,
    )
    monkeypatch.setattr(sys, "argv", ["diem06", "seal", "--traceback"])
    with pytest.raises(type(fault)):
        command_line.main()


@pytest.mark.parametrize(
    "words",
    [
        ["plan", "check", "{none}"],
        ["plan", "draft", "{none}"],
        ["plan", "draft", "{folder}"],
        ["report", "verify", "{none}"],
        ["backup", "{file}/x.tar"],
        ["restore", "{none}"],
        ["restore", "{file}"],
        ["packet", "check", "{folder}"],
        ["figures", "2023-07", "--plan", "x"],
        ["figures", "2023-07", "--level", "x"],
        ["person", "role", "an", "auditor", "--from", "x"],
        ["audit", "link", "--every", "x"],
        ["seal", "export", "2023-07", "--out", "{file}/x"],
    ],
)
@pytest.mark.django_db
def test_wrong_words_and_files_end_with_2_and_no_python(
    loaded_plan_of_06: None, tmp_path: Path, monkeypatch: Any, capsys: Any, words: list[str]
) -> None:
    """No traceback, no number of an error, no name of Python's own: the last line says what was wrong."""
    file, folder = tmp_path / "file", tmp_path / "folder"
    file.write_text("x")
    folder.mkdir()
    named = [word.format(file=file, folder=folder, none=tmp_path / "none") for word in words]
    monkeypatch.setattr(sys, "argv", ["diem06", *named])
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert said.strip()
    for raw in ("Errno", "Traceback", "Error(", "<Level", "_day"):
        assert raw not in said, said


@pytest.fixture
def loaded_plan_of_06(db: None) -> None:
    from diem06.core.plans.actions import load_plan
    from diem06.plan.reader import bundle_path

    load_plan(folder=bundle_path("bac-giang-2023"), at=datetime(2023, 7, 13, 2, 0, tzinfo=UTC))
