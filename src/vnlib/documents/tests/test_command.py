import json

from vnlib.documents.__main__ import main


def test_sample_is_written_and_read(tmp_path, capsys):
    path = tmp_path / "mẫu.docx"

    assert main(["sample", str(path)]) == 0
    assert main(["read", str(path), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["properties"]["period"] == "2023-07"
    assert shown["controls"][2] == {
        "id": 101,
        "tag": "xg:P1:24:-:2023-07:3#val",
        "listed_tag": "xg:P1:24:-:2023-07:3#val",
        "text": "67,5%",
    }
    assert main(["read", str(path)]) == 0
    assert "BÁO CÁO" in capsys.readouterr().out


def test_other_file_is_refused_with_status_1(tmp_path, capsys):
    path = tmp_path / "x.docx"
    path.write_bytes(b"MZ")

    assert main(["read", str(path)]) == 1
    assert "Hãy chọn tệp Word" in capsys.readouterr().err
