"""A kept file is the file that came, and no other."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diem06.core.audit.models import Entry
from diem06.core.evidence import store
from diem06.core.evidence.actions import FileError, kind_of, remove_content, safe_name, store_file
from diem06.core.evidence.models import FileKind, StoredFile
from diem06.core.evidence.queries import content_of, damaged, download
from diem06.core.evidence.store import DamagedFileError

AT = datetime(2023, 7, 14, 9, 30, tzinfo=UTC)
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def kept(content: bytes = PDF, name: str = "Bao cao.pdf", **others: Any) -> StoredFile:
    return store_file(content=content, name=name, allowed={FileKind.PDF}, at=AT, by=None, **others)


@pytest.mark.django_db
def test_a_kept_file_comes_back_byte_for_byte_and_is_in_the_trail() -> None:
    file = kept()
    assert content_of(file) == PDF
    assert Entry.objects.filter(action="file.store", object_id=str(file.id)).count() == 1


@pytest.mark.django_db
def test_the_same_bytes_are_kept_once_whoever_brings_them() -> None:
    first, second = kept(), kept(name="another name.pdf")
    assert (first.sha256, first.pk != second.pk) == (second.sha256, True)
    assert len(list(store.folder().rglob("*/*"))) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "rỗng"), (b"MZ\x90\x00", "không đúng loại"), (b"%PDF-1.4 cut off", "không đúng loại"), (PDF * 9, "lớn hơn")],
)
def test_what_is_not_the_wanted_kind_is_refused_with_words(content: bytes, words: str) -> None:
    with pytest.raises(FileError, match=words):
        kept(content, largest_bytes=300)
    assert not StoredFile.objects.exists()


@pytest.mark.django_db
def test_a_changed_or_lost_file_is_named() -> None:
    file, other = kept(), kept(PDF + b"%%EOF")
    store.path_of(file.sha256).write_bytes(PDF.replace(b"obj", b"OBJ"))
    store.path_of(other.sha256).unlink()
    assert damaged() == [file, other]
    with pytest.raises(DamagedFileError, match="changed"):
        content_of(file)
    with pytest.raises(DamagedFileError, match="gone"):
        content_of(other)


@pytest.mark.django_db(transaction=True)
def test_bytes_go_with_the_last_row_that_needs_them() -> None:
    first, second = kept(), kept()
    remove_content(file=first, reason="retention", at=AT, by=None)
    assert content_of(second) == PDF
    remove_content(file=second, reason="retention", at=AT, by=None)
    assert not store.path_of(second.sha256).exists()
    with pytest.raises(DamagedFileError, match="removed"):
        content_of(second)


@pytest.mark.django_db
def test_a_file_is_handed_out_as_a_download_and_never_sniffed() -> None:
    answer = download(kept(name="Báo cáo tháng 7.pdf"))
    assert answer["Content-Disposition"].startswith("attachment; filename*=UTF-8''B%C3%A1o%20c%C3%A1o")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer.content == PDF


def zipped(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (zipped("word/document.xml"), FileKind.WORD),
        (zipped("xl/workbook.xml"), FileKind.EXCEL),
        (zipped("a.txt"), FileKind.ZIP),
        (b"PK\x03\x04 broken", None),
        ("chữ thường".encode(), FileKind.TEXT),
        (b'{"a": 1}', FileKind.JSON),
        (b"\x00\x01", None),
    ],
)
def test_a_file_is_what_its_bytes_say(content: bytes, kind: FileKind | None) -> None:
    assert kind_of(content) is kind


@given(st.binary(max_size=300))
def test_any_bytes_have_a_kind_or_none_and_no_other_error(content: bytes) -> None:
    kind_of(content)


@given(st.text(max_size=300))
def test_a_safe_name_has_no_folder_and_the_ending_of_its_kind(name: str) -> None:
    made = safe_name(name, FileKind.PDF)
    assert "/" not in made
    assert "\\" not in made
    assert made.endswith(".pdf")
    assert 5 <= len(made) <= 124
