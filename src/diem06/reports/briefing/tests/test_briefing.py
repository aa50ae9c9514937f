"""Facts about the one-page briefing, its Word file and its image."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from PIL import Image

from diem06.core.audit.models import Entry
from diem06.core.organisation.models import User
from diem06.core.plans.queries import Loaded
from diem06.core.ui import numbers
from diem06.cube.figures import figure_at
from diem06.reports.briefing.content import GAPS, Briefing, briefing
from diem06.reports.briefing.image import TONES, _Pen, png
from diem06.reports.models import IssuedDocument
from diem06.reports.screens.dashboard import dashboard
from diem06.reports.tests.factories import of_unit, seen, whole_province
from vnlib.documents import read

pytestmark = pytest.mark.django_db
URL = "/dashboard/briefing/"
LETTERS = "ăâđêôơưĂÂĐÊÔƠƯ" + "àáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ"


@pytest.fixture
def content(loaded: Loaded) -> Briefing:
    return briefing(seen())


def test_the_counts_are_those_of_the_dashboard(content: Briefing) -> None:
    screen = dashboard(seen())
    assert {each.key: each.count for each in content.reports} == {
        key: count for key, count in screen.by_timeliness.items() if count or key != "not_due"
    }
    assert sum(each.count for each in content.standings) == content.targets == 28
    assert content.missing == ("Sở Ngoại vụ",)


def test_every_number_is_the_figure_under_its_key(loaded: Loaded, content: Briefing) -> None:
    """Each printed number leads to a figure that says the same."""
    assert len(content.numbers) > 3 * GAPS
    for number in content.numbers:
        figure, _board, is_current = figure_at(loaded, number.key)
        assert is_current
        shown = {
            "val": numbers.percent(figure.value) if figure.is_ratio else numbers.number(figure.value),
            "target": numbers.percent(figure.target, None) if figure.is_ratio else numbers.number(figure.target),
            "gap": numbers.number(figure.gap, 0),
        }
        assert number.text == shown[number.part]


def test_three_things_are_to_be_decided(content: Briefing) -> None:
    """Who has not sent comes first, then the worst gap, then the readings that nobody has chosen."""
    said = ["".join(each if isinstance(each, str) else each.text for each in words) for words in content.decisions]
    assert len(said) == 3
    assert said[0] == "Đôn đốc 1 đơn vị chưa gửi báo cáo: Sở Ngoại vụ."
    assert content.gaps[0].code in said[1]
    assert said[2] == "Chọn cách hiểu để giao chỉ tiêu: P3, M1.2, M3.3."


def test_the_page_shows_it_and_leads_to_the_figures(loaded: Loaded, content: Briefing) -> None:
    text = whole_province().get(URL).content.decode()
    assert {number.key for number in content.numbers} <= set(re.findall(r"/figures/([^/\"]+)/", text))
    assert of_unit().get(URL).status_code == 403


def test_the_word_file_is_one_official_page_with_a_tag_at_each_figure(loaded: Loaded, content: Briefing) -> None:
    """Making it takes a form and leaves a trace: the row with its tags, and an audit entry."""
    client = whole_province()
    assert client.get(f"{URL}briefing.docx").status_code == 302
    answer = client.post(f"{URL}briefing.docx")
    assert answer.status_code == 200
    found = read(answer.content)
    assert [control.text for control in found.controls] == [number.text for number in content.numbers]
    assert [control.any_tag for control in found.controls] == [number.tag for number in content.numbers]
    assert "TÀI LIỆU GIAO BAN" in found.text
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in found.text
    assert "Số liệu giả định" in found.side_text
    row = IssuedDocument.objects.get(kind="briefing")
    assert (row.period, len(row.tags)) == ("2023-09", len(content.numbers))
    assert Entry.objects.filter(action="briefing.issue", object_id=str(row.id)).exists()


def test_neither_file_names_a_person(loaded: Loaded, content: Briefing) -> None:
    """No name of anybody who uses the system stands in what is written."""
    whole_province()
    text = repr(content)
    names = set(User.objects.values_list("full_name", flat=True))
    assert names
    assert not [name for name in names if name in text]


def test_the_image_is_a_png_with_something_on_it(content: Briefing) -> None:
    """As wide as it says, and with ink in many of its rows."""
    image = Image.open(io.BytesIO(png(content)))
    assert image.format == "PNG"
    assert image.width == 1240
    assert 700 < image.height <= 2400
    dark = image.convert("L").point(lambda value: 255 if value < 128 else 0)
    box = dark.getbbox()
    assert box is not None
    assert box[3] > image.height * 0.9
    assert image.getcolors(1 << 20) is not None


def test_the_image_has_every_vietnamese_letter() -> None:
    """Each letter has a shape in one of the font files, none of them the box of a missing one."""
    pen = _Pen(30)
    assert all(pen.has(letter) for letter in LETTERS + LETTERS.upper())
    widths = {letter: pen.width(letter) for letter in "ẾỘỬ"}
    assert all(width > 5 for width in widths.values())
    assert pen.width("Tỉnh Bắc Giang") == pytest.approx(pen.width("Tỉnh ") + pen.width("Bắc Giang"), abs=4)


def test_tones_are_those_of_the_screens(content: Briefing) -> None:
    assert {each.tone for each in (*content.reports, *content.standings)} <= set(TONES)


def test_a_warm_page_asks_the_database_a_fixed_number_of_times(
    loaded: Loaded, django_assert_max_num_queries: Any
) -> None:
    client = whole_province()
    client.get(URL)
    with django_assert_max_num_queries(20):
        client.get(URL)
