import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vnlib.identity.__main__ import LONGEST_LINE, main

SOURCE = Path(__file__).parents[3]
CARD = "001090900001|012900001|Nguyễn Văn Thử|05031990|Nam|Hà Nội|14082021"


def run(monkeypatch, capsys, lines, *arguments):
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
    assert main(arguments) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_line_is_answered_by_one_object(monkeypatch, capsys):
    answers = run(monkeypatch, capsys, [json.dumps(CARD), json.dumps("https://example.invalid"), '"\\ud83d"'], "qr")
    assert [answer["verdict"] for answer in answers] == ["ok", "refused", "refused"]
    assert answers[0].keys() == {"verdict", "fields", "flags", "reason"}
    assert answers[0]["fields"]["shape"] == "cccd2021_7"


def test_line_that_is_no_json_string_is_answered_too(monkeypatch, capsys):
    assert [answer["reason"] for answer in run(monkeypatch, capsys, ["nonsense", "7", "", "[" * 5000], "qr")] == [
        "bad_input"
    ] * 4


def test_day_may_be_given(monkeypatch, capsys):
    assert (
        run(monkeypatch, capsys, [json.dumps(CARD)], "qr", "--today", "2021-01-01")[0]["reason"] == "issued_in_future"
    )


@pytest.mark.parametrize("command", ["number", "mrz", "insurance"])
def test_other_readers_answer(monkeypatch, capsys, command):
    answer = run(monkeypatch, capsys, [json.dumps("")], command)[0]
    assert answer["verdict"] == "invalid"


def test_line_longer_than_any_text_is_answered_and_the_next_is_read(monkeypatch, capsys):
    lines = ["[" * (2 * LONGEST_LINE), json.dumps("1" * LONGEST_LINE), json.dumps(CARD)]
    answers = run(monkeypatch, capsys, lines, "qr")
    assert [answer["reason"] for answer in answers] == ["bad_input", "bad_input", ""]


@pytest.mark.parametrize("text", ["a\x00b", "\ud83d", "²" * 12, "٣" * 12, "\u2028", "\x85" * 30])
@pytest.mark.parametrize("command", ["qr", "number", "mrz", "insurance"])
def test_strange_characters_are_refused_with_a_reason(monkeypatch, capsys, command, text):
    (answer,) = run(monkeypatch, capsys, [json.dumps(text)], command)
    assert (answer["verdict"], answer["fields"]) == ("refused" if command == "qr" else "invalid", {})
    assert answer["reason"]


def shell(command: str) -> subprocess.CompletedProcess[str]:
    """Run a shell command in which $READ is the command line of the library."""
    environment = {**os.environ, "READ": f"{sys.executable} -m vnlib.identity", "PYTHONPATH": str(SOURCE)}
    return subprocess.run(["/bin/sh", "-c", command], env=environment, capture_output=True, text=True, check=False)


def test_reader_that_goes_away_leaves_no_traceback():
    ended = shell("yes '\"a\"' | head -20000 | $READ number | head -1")
    assert json.loads(ended.stdout)["reason"] == "bad_chars"
    assert ended.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")
def test_full_disk_and_closed_streams_end_with_a_code():
    full = shell(
        "echo '\"a\"' | $READ number > /dev/full; echo $?; $READ number <&-; echo $?; $READ number >&-; echo $?"
    )
    assert full.stdout.split() == ["1", "0", "1"]
    assert "Traceback" not in full.stderr
