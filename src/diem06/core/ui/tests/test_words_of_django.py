"""What a form says where a field is wrong, in Vietnamese: Django's own words, mended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polib
import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

import diem06

CATALOGUE = Path(diem06.__file__).parent / "locale/vi/LC_MESSAGES/django.po"
ONE = [("a", "A")]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        (forms.CharField(), "", "Nhập mục này."),
        (forms.CharField(max_length=3), "abcde", "Viết ngắn hơn: tối đa 3 ký tự, đang có 5."),
        (forms.CharField(), "a\0b", "Bỏ ký tự không hiện được trong mục này."),
        (forms.IntegerField(), "x", "Nhập số nguyên, ví dụ 120."),
        (forms.IntegerField(min_value=1), "0", "Nhập số từ 1 trở lên."),
        (forms.DecimalField(decimal_places=1), "1.25", "Nhập tối đa 1 chữ số sau dấu phẩy."),
        (forms.DateField(), "x", "Ghi ngày như 05/06/2024."),
        (forms.ChoiceField(choices=ONE), "z", "Chọn một mục trong danh sách; không có mục «z»."),
        (forms.SlugField(), "a b", "Chỉ dùng chữ không dấu, chữ số, gạch nối và gạch dưới."),
        (forms.FileField(), SimpleUploadedFile("x", b""), "Chọn tệp khác: tệp này rỗng."),
    ],
)
def test_a_wrong_field_says_what_to_change(field: forms.Field, value: Any, said: str) -> None:
    with translation.override("vi"), pytest.raises(ValidationError) as wrong:
        field.clean(value)
    assert wrong.value.messages[0] == said


def test_each_word_that_is_mended_is_one_of_django() -> None:
    """Where a later Django words it in another way, the mended one would no longer be found."""
    django = polib.pofile(str(Path(forms.__file__).parent.parent / "conf/locale/en/LC_MESSAGES/django.po"))
    known = {entry.msgid for entry in django}
    assert [entry.msgid for entry in polib.pofile(str(CATALOGUE)) if entry.msgid not in known] == []
