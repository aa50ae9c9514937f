import io
import json

import pytest

from vnlib.identity.__main__ import main

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
