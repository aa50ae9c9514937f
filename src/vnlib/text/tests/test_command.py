import io

import pytest

from vnlib.text.__main__ import main


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["fold", "Đồng Sơn"], "dong son\n"),
        (["number", "1.234.567,8"], "1234567.8\n"),
        (["convert", "C«ng an tØnh"], "Công an tỉnh\n"),
        (["convert", "uû ban", "--encoding", "tcvn3", "--font", ".VnTimeH"], "UỶ BAN\n"),
    ],
)
def test_commands_print_their_answer(arguments, printed, capsys):
    assert main(arguments) == 0
    assert capsys.readouterr().out == printed


def test_lines_are_sorted(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("Lê Văn Đạt\nVũ Dũng\n"))

    assert main(["names"]) == 0
    assert capsys.readouterr().out == "Vũ Dũng\nLê Văn Đạt\n"


def test_ambiguous_number_is_said_and_ends_with_status_1(capsys):
    assert main(["number", "1.234"]) == 1
    assert "1.234 hoặc 1,234" in capsys.readouterr().err
