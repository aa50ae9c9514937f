"""Every component says in words what it shows, in both languages."""

from datetime import date
from decimal import Decimal

import pytest
from django import forms
from django.core.paginator import Paginator

from diem06.core.ui import charts, words
from diem06.core.ui.figure import LiveFigure
from diem06.core.ui.forms import TypedNumber
from diem06.core.ui.tables import sort_of
from diem06.core.ui.templatetags.ui import FieldError

STANDINGS = {
    "missed": ("Không đạt", "Missed"),
    "at_risk": ("Có nguy cơ", "At risk"),
    "below": ("Chưa đạt", "Below target"),
    "on_track": ("Đúng tiến độ", "On track"),
    "met": ("Đạt", "Met"),
    "undecided": ("Chưa chọn cách hiểu", "Reading not chosen"),
    "no_data": ("Chưa có số liệu", "No data yet"),
    "not_applicable": ("Không phát sinh", "Not applicable"),
    "no_target": ("Không có mục tiêu", "No target"),
}
REPORT_STATES = {
    "open": ("Mở", "Open"),
    "draft": ("Đang nhập", "Draft"),
    "submitted": ("Đã trình", "Submitted"),
    "returned": ("Trả lại", "Returned"),
    "approved": ("Đã duyệt", "Approved"),
    "accepted": ("Đã tiếp nhận", "Accepted"),
    "closed": ("Đã chốt", "Closed"),
}
GRADES = {
    "evidenced": ("Gốc", "Records", 3),
    "imported": ("Nhập", "Imported", 2),
    "declared": ("Báo cáo", "Declared", 1),
}


class Entry(forms.Form):
    trained = forms.IntegerField(label="Số đã tập huấn", help_text="người", widget=TypedNumber)
    kind = forms.ChoiceField(label="Loại", choices=[("1", "Tháng")])
    agreed = forms.BooleanField(label="Đã đối chiếu")


# -- standing, state, grade ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("value", STANDINGS)
def test_a_standing_has_colour_icon_and_word(render, value):
    """Never colour alone: the word and an icon stand with it."""
    html = render("{% standing value %}", value=value)

    assert f"</svg>{STANDINGS[value][0]}</span>" in html
    assert f"#i-{words.STANDINGS[value].icon}" in html
    assert f'class="st st-{words.STANDINGS[value].tone}"' in html
    assert "st-big" in render("{% standing value big=True %}", value=value)


@pytest.mark.parametrize("value", STANDINGS)
def test_a_standing_speaks_english(render, english, value):
    """The same mark with the English word."""
    assert f"</svg>{STANDINGS[value][1]}</span>" in render("{% standing value %}", value=value)


def test_no_standing_is_left_out():
    """The words cover the standings of the model and the reading not chosen, and no two look the same."""
    assert set(words.STANDINGS) == set(STANDINGS)
    assert len({(mark.tone, mark.icon) for mark in words.STANDINGS.values()}) == len(STANDINGS)


def test_an_unknown_standing_fails(render):
    """A wrong name is an error of ours, not an empty place on the page."""
    with pytest.raises(KeyError):
        render("{% standing 'late' %}")


def test_an_icon_that_the_sprite_lacks_fails(render):
    """The message says where to add it."""
    with pytest.raises(ValueError, match=r"icons\.txt"):
        render("{% icon 'no-such-icon' %}")


@pytest.mark.parametrize("value", REPORT_STATES)
def test_a_report_state_has_its_word(render, value):
    """States are ink: a word with an icon."""
    assert f"</svg>{REPORT_STATES[value][0]}</span>" in render("{% report_state value %}", value=value)


@pytest.mark.parametrize("value", REPORT_STATES)
def test_a_report_state_speaks_english(render, english, value):
    assert f"</svg>{REPORT_STATES[value][1]}</span>" in render("{% report_state value %}", value=value)


@pytest.mark.parametrize("value", GRADES)
def test_a_grade_fills_its_bars(render, value):
    """Three bars for evidenced, two for imported, one for declared."""
    html = render("{% grade value %}", value=value)

    assert html.count('class="on"') == GRADES[value][2]
    assert html.count("<rect") == 3
    assert f"</svg>{GRADES[value][0]}</span>" in html


@pytest.mark.parametrize("value", GRADES)
def test_a_grade_speaks_english(render, english, value):
    assert f"</svg>{GRADES[value][1]}</span>" in render("{% grade value %}", value=value)


def test_no_grade_shows_nothing(render):
    """A figure without a value has no origin."""
    assert render("{% grade value %}", value="") == ""


def test_the_last_periods_are_said(render):
    """Marks without words on the page have them for a screen reader."""
    html = render("{% period_marks states %}", states=["in_time", "late", "missing", "not_due"])

    assert 'aria-label="4 kỳ gần nhất: đúng hạn, gửi muộn, chưa gửi, chưa đến hạn"' in html
    assert [html.count(f'class="{css}"') for css in ("ok", "late", "no", "open")] == [1, 1, 1, 1]


# -- numbers ---------------------------------------------------------------------------------------------------------
def test_no_value_is_a_dash_with_its_reason(render):
    """Never 0."""
    html = render("{% number value reason='mẫu số bằng 0' %}", value=None)

    assert "—" in html
    assert "mẫu số bằng 0" in html
    assert render("{{ value|percent }} {{ value|vnum }}", value=None) == "— —"


def test_filters_write_numbers_in_the_language_of_the_page(render, english):
    """67.5% and 1,234.5 on an English page."""
    assert render("{{ a|percent }} {{ b|vnum }}", a=Decimal("0.675"), b=Decimal("1234.5")) == "67.5% 1,234.5"


# -- live figure -----------------------------------------------------------------------------------------------------
def figure(**changes):
    usual = {
        "label": "M3.2",
        "url": "/figures/x/",
        "value": Decimal("0.6645"),
        "target": Decimal("0.7"),
        "standing": "at_risk",
        "numerator": Decimal(776513),
        "denominator": Decimal(1168612),
        "gap": Decimal("41515.4"),
        "counted": "công dân",
        "grade": "imported",
    }
    return LiveFigure(**{**usual, **changes})


def test_a_figure_stands_with_target_standing_count_gap_and_grade(render):
    """Nobody is asked to trust a bare number."""
    html = render('{% include "ui/figure.html" %}', figure=figure())

    for said in (
        "66,5%",
        "trên 70%",
        "Có nguy cơ",
        "776.513/1.168.612",
        "thiếu 41.515 công dân",
        "Nhập",
        "/figures/x/",
    ):
        assert said in html


def test_a_figure_speaks_english(render, english):
    html = render('{% include "ui/figure.html" %}', figure=figure(counted="citizens", deadline=date(2023, 7, 31)))

    for said in ("66.5%", "of 70% by 31/07/2023", "At risk", "41,515 citizens short", "Imported"):
        assert said in html


def test_a_figure_in_part_says_so(render):
    """Value over what is reported, with reported and expected beside it; a value carried over is named."""
    html = render('{% include "ui/figure.html" %}', figure=figure(reported=19, expected=20, is_stale=True))

    assert "một phần, 19/20 đơn vị" in html
    assert "số của kỳ trước" in html
    assert "một phần" not in render('{% include "ui/figure.html" %}', figure=figure(reported=20, expected=20))


def test_a_figure_without_value_says_why(render):
    """«—», the standing and the reason; no count, no gap."""
    missing = figure(
        value=None, standing="no_data", numerator=None, denominator=None, gap=None, grade="", reason="Sở chưa gửi"
    )
    html = render('{% include "ui/figure.html" %}', figure=missing)

    assert "—" in html
    assert "Chưa có số liệu" in html
    assert "Sở chưa gửi" in html
    assert "thiếu" not in html


@pytest.mark.parametrize(
    ("gap", "said"), [("-31", "vượt 31 bộ phận"), ("2", "thiếu 2 bộ phận"), ("0", ""), ("-0.4", "")]
)
def test_a_gap_is_told_in_counted_things(gap, said):
    """Missing above 0, exceeded below; one that rounds to none is not told."""
    assert figure(gap=Decimal(gap), counted="bộ phận").gap_words == said


def test_a_count_is_no_percentage(render):
    """A count shows itself, without a fraction."""
    count = figure(is_count=True, value=Decimal(1200), target=Decimal(1500), numerator=Decimal(1200))
    assert (count.value_words, count.target_words, count.count_words) == ("1.200", "trên 1.500", "")


# -- lists -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("sort", "order", "next_sort"),
    [("code", "ascending", "-code"), ("-code", "descending", "code"), ("-value", "none", "code"), ("", "none", "code")],
)
def test_a_head_sorts_and_says_how(render, sort, order, next_sort):
    """The head of a column is a link that turns the order around; filters stay, the page number does not."""
    html = render('{% sort_header "code" "Mã" %}', sort=sort)

    assert f'aria-sort="{order}"' in html
    assert f'href="?q=x&amp;sort={next_sort}"' in html


def test_numbers_sort_from_the_largest(render):
    """The first press on a column of numbers shows the largest first."""
    assert "sort=-value" in render('{% sort_header "value" "Kỳ này" num=True %}', sort="code")


@pytest.mark.parametrize(
    ("wish", "order"), [("code", "code"), ("-code", "-code"), ("--code", "-value"), ("x", "-value")]
)
def test_an_order_that_a_list_lacks_falls_back(wish, order):
    """Old and invented links still open."""
    assert sort_of({"sort": wish}, {"code", "value"}, "-value") == order


def test_pages_keep_the_filter(render):
    """Links to other pages keep the rest of the URL, and the place is told in numbers."""
    html = render('{% include "ui/pagination.html" %}', page=Paginator(range(1209), 50).page(3))

    assert "101 đến 150 trong 1.209" in html
    assert 'rel="prev" href="?q=x&amp;page=2"' in html
    assert 'rel="next" href="?q=x&amp;page=4"' in html


def test_a_filter_works_without_javascript(render):
    """A GET form with a button and a way back; htmx only narrows the list in place."""

    class Narrow(forms.Form):
        q = forms.CharField(label="Tìm")

    html = render(
        '{% include "ui/filter.html" with target="list" clear_url="?" %}', form=Narrow({"q": "xã"}), sort="-value"
    )

    assert 'method="get"' in html
    assert 'name="sort" value="-value"' in html
    assert 'hx-target="#list"' in html
    assert 'value="xã"' in html
    assert "Bỏ lọc" in html


def test_nothing_yet_and_nothing_matches_are_two_sentences(render):
    """An empty state teaches its action; a filter that hides everything offers to clear it."""
    empty = render('{% include "ui/empty.html" with title="Chưa có số liệu" url="/x/" action="Tải mẫu" %}')
    no_match = render('{% include "ui/no_match.html" with filters="Mô hình 8" clear_url="/list/" %}')

    assert "Chưa có số liệu" in empty
    assert '<a class="b" href="/x/">Tải mẫu</a>' in empty
    assert "Không có kết quả phù hợp" in no_match
    assert "Đang lọc: Mô hình 8." in no_match
    assert 'href="/list/"' in no_match


# -- forms -----------------------------------------------------------------------------------------------------------
def test_a_field_ties_label_hint_and_error_to_its_control(render):
    """A screen reader hears hint and error with the field; the wrong value is kept."""
    form = Entry({"trained": "12a", "kind": "1", "agreed": "on"})
    html = render('{% include "ui/field.html" with field=form.trained %}', form=form)

    assert '<label for="id_trained">' in html
    assert 'aria-describedby="id_trained_helptext id_trained_error"' in html
    assert 'id="id_trained_helptext"' in html
    assert 'id="id_trained_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'value="12a"' in html
    assert 'class="wf txt bad"' in html
    assert 'inputmode="numeric"' in html


def test_controls_have_their_look(render):
    """A list is no text box; a tick box has its label after it."""
    html = render('{% include "ui/form.html" %}', form=Entry())

    assert '<select name="kind" class="sel"' in html
    assert html.index('name="agreed"') < html.index('<label for="id_agreed">')
    assert "error" not in html


def test_the_error_summary_counts_links_and_takes_the_focus(render):
    """Each line goes to its field; the form's own errors stand first."""
    form = Entry({"trained": "12a", "kind": "1"})
    form.add_error(None, "Kỳ này đã chốt.")
    html = render("{% error_summary form %}", form=form)

    assert "Có 3 lỗi phải sửa" in html
    assert "data-takes-focus" in html
    assert 'tabindex="-1"' in html
    assert '<a href="#id_trained">Số đã tập huấn: ' in html
    assert html.index("Kỳ này đã chốt.") < html.index("#id_trained")


def test_the_error_summary_takes_errors_of_a_grid(render, english):
    """What is no form (a grid of cells) hands its errors itself; English counts one and many."""
    one = [FieldError(text="not a number", label="E3", anchor="cell-7")]

    assert "1 error to correct" in render("{% error_summary errors %}", errors=one)
    assert "2 errors to correct" in render("{% error_summary errors %}", errors=one * 2)
    assert '<a href="#cell-7">E3: not a number</a>' in render("{% error_summary errors %}", errors=one)


def test_without_errors_there_is_no_summary(render):
    assert render("{% error_summary form %}", form=Entry()).strip() == ""


# -- notices, progress, panel ----------------------------------------------------------------------------------------
def test_a_notice_can_be_put_away_and_carries_one_link(render):
    """An error is an alert; the others wait for the reader."""
    html = render('{% include "ui/notice.html" with tone="bad" text="Lỗi" url="/x/" action="Xem" dismiss=True %}')

    assert 'role="alert"' in html
    assert '<a href="/x/">Xem</a>' in html
    assert "data-dismiss" in html
    assert 'role="alert"' not in render('{% include "ui/notice.html" with tone="good" text="Đã lưu" %}')


def test_a_notice_shows_what_a_person_typed_as_text(render):
    """Names and values are escaped."""
    assert "&lt;b&gt;" in render('{% include "ui/notice.html" with text=text %}', text="<b>")


def test_progress_is_said_in_numbers(render):
    """The bar has a role and its values; the page shows them too."""
    html = render('{% include "ui/progress.html" with title="Đang xuất" done=1142 total=2209 counted="xã" %}')

    assert "1.142/2.209 xã" in html
    assert 'aria-valuenow="1142"' in html
    assert 'viewBox="0 0 2209 6"' in html


def test_a_panel_wraps_its_body(render):
    """A flush body touches the edges: a table, a list."""
    assert '<div class="panel-b">x</div>' in render('{% panel "A" note="b" id="c" %}x{% endpanel %}')
    assert "panel-b" not in render('{% panel "A" flush=True %}x{% endpanel %}')
    assert "&lt;b&gt;" in render("{% panel title %}x{% endpanel %}", title="<b>")


# -- charts ----------------------------------------------------------------------------------------------------------
POINTS = charts.month_points([("2023-07", Decimal("0.569")), ("2023-08", Decimal("0.606")), ("2023-09", None)])


def line_chart():
    stone = charts.Milestone(at=2, value=Decimal("0.7"), label="mốc theo dõi")
    return charts.line_chart(
        POINTS,
        title="M3.2",
        caption="Tăng 3,7 điểm.",
        target=Decimal("0.7"),
        target_label="Mục tiêu 70%",
        milestones=[stone],
    )


def test_a_line_chart_has_sentence_drawing_and_table(render):
    """One sentence, two drawings of which one shows, and the numbers as a table."""
    html = render('{% include "ui/chart_line.html" %}', chart=line_chart())

    assert "<figcaption>Tăng 3,7 điểm.</figcaption>" in html
    assert html.count('role="img" aria-label="M3.2. Tăng 3,7 điểm."') == 2
    assert html.count('class="tline"') == html.count('class="ms"') == 2
    assert "<summary>Bảng số liệu của biểu đồ</summary>" in html
    assert '<td class="num">56,9%</td>' in html
    assert '<td class="num">—</td>' in html
    assert '<text x="52.0"' in html or '<text x="52"' in html
    assert "7/2023</text>" in html


@pytest.mark.parametrize("language", ["vi", "en"])
def test_coordinates_keep_their_decimal_point(render, language, request):
    """A Vietnamese decimal comma in a coordinate would break the drawing."""
    if language == "en":
        request.getfixturevalue("english")
    chart = charts.contributions(
        [charts.Contribution(label="A", amount=Decimal(7)), charts.Contribution(label="B", amount=Decimal(-3))],
        title="t",
        caption="c",
        counted="người",
        part_head="Huyện",
    )
    html = render('{% include "ui/chart_contributions.html" %}', chart=chart)

    widths = [part.split('"')[0] for part in html.split(' width="')[1:]]
    assert len(widths) == 4
    assert all(float(width) > 0 for width in widths)


def test_a_stacked_bar_says_its_counts_as_links(render):
    """The numbers under the bar are its table: count, word, link to the rows."""
    parts = [charts.Part(key="missing", count=3, url="#late"), charts.Part(key="in_time", count=1027)]
    html = render('{% include "ui/chart_stacked.html" %}', chart=charts.stacked_bar(parts, title="Báo cáo"))

    assert '<a href="#late"><span class="kn">3</span>' in html
    assert "Chưa gửi" in html
    assert "1.027" in html
    assert html.count("<rect") == 2


def test_a_list_of_bars_is_a_table(render):
    """Each bar stands beside its number and what is missing."""
    rows = (
        charts.BarRow(label="Lục Ngạn", value=Decimal("0.589"), target=Decimal("0.7"), gap=Decimal(19761), url="/a/"),
    )
    html = render('{% include "ui/bar_list.html" %}', chart=charts.BarList(caption="c", part_head="Địa bàn", rows=rows))

    assert '<a class="ind-name" href="/a/">Lục Ngạn</a>' in html
    assert '<td class="num">58,9%</td><td class="num">19.761</td>' in html
    assert 'width="49.5"' in html
