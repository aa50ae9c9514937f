from datetime import date

import pytest
from django import forms
from django.utils import translation

from diem06.core.ui.forms import day_field


class OneDay(forms.Form):
    day = day_field("Ngày ký", example="17/07/2023")


@pytest.mark.parametrize("typed", ["05/06/2024", "5/6/2024", "2024-06-05"])
def test_a_day_is_read_as_it_is_written(typed):
    form = OneDay({"day": typed})
    assert form.is_valid()
    assert form.cleaned_data["day"] == date(2024, 6, 5)


@pytest.mark.parametrize("typed", ["31/02/2024", "06/15/2024", "hôm qua", ""])
def test_what_is_no_day_is_told_how_to_write_one(typed):
    assert OneDay({"day": typed}).errors["day"] == ["Ghi ngày như 05/06/2024."]


def test_the_hint_follows_the_language_of_the_page():
    assert OneDay()["day"].help_text == "Ghi dd/mm/yyyy, ví dụ 17/07/2023."
    with translation.override("en"):
        assert "17/07/2023" in str(OneDay()["day"].help_text)
        assert "ví dụ" not in str(OneDay()["day"].help_text)
