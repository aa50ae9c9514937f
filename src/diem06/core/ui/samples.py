"""Made-up content of the gallery: each component in each state."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django import forms
from django.core.paginator import Paginator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diem06.core.ui import charts, maps, numbers, words
from diem06.core.ui.figure import LiveFigure
from diem06.core.ui.forms import TypedNumber
from diem06.core.ui.shell import Crumb, Tab
from diem06.core.ui.tables import sort_of

TONES = (
    "bg", "surface", "surface-2", "line", "ink", "ink-2", "ink-3", "accent", "good", "on", "warn", "below", "bad", "none",
)  # fmt: skip
WRONG_ENTRY = {"received": "5036", "trained": "12a", "kind": "1"}


class EntryForm(forms.Form):
    received = forms.IntegerField(
        label=gettext_lazy("Số hồ sơ tiếp nhận, trực tuyến"),
        help_text=gettext_lazy("hồ sơ · kỳ trước: 4.812 · dùng cho P19"),
        widget=TypedNumber,
    )
    trained = forms.IntegerField(
        label=gettext_lazy("Số đã tập huấn"),
        help_text=gettext_lazy("người · kỳ trước: 91 · dùng cho P6"),
        widget=TypedNumber,
    )
    kind = forms.ChoiceField(label=gettext_lazy("Loại báo cáo"), choices=[("1", gettext_lazy("Báo cáo tháng"))])
    note = forms.CharField(label=gettext_lazy("Ghi chú"), required=False, widget=forms.Textarea({"rows": 3}))
    is_checked = forms.BooleanField(label=gettext_lazy("Đã đối chiếu với sổ gốc"), required=False)
    way = forms.ChoiceField(
        label=gettext_lazy("Cách nộp"),
        widget=forms.RadioSelect,
        choices=[("page", gettext_lazy("Nhập trên trang")), ("excel", gettext_lazy("Tải tệp Excel lên"))],
        required=False,
    )


class ListFilter(forms.Form):
    q = forms.CharField(label=gettext_lazy("Tìm chỉ tiêu"), required=False)
    standing = forms.ChoiceField(
        label=gettext_lazy("Trạng thái"),
        required=False,
        choices=[("", gettext_lazy("Tất cả")), *((key, mark.words) for key, mark in words.STANDINGS.items())],
    )


def context(form: EntryForm, query: Mapping[str, str]) -> dict[str, object]:
    return {
        "form": form,
        "filter_form": ListFilter(query),
        "sort": sort_of(query, {"code", "value"}, "-value"),
        "rows": ROWS,
        "page": Paginator(range(209), 50).get_page(query.get("page", "2")),
        "crumbs": (Crumb(title=_("Tổng quan"), url="/"), Crumb(title=_("Thành phần"))),
        "tabs": (
            Tab(title=_("Có mục tiêu"), url="?tab=1", current=True, count=25),
            Tab(title=_("Chưa chọn cách hiểu"), url="?tab=2", count=3),
            Tab(title=_("Không có mục tiêu"), url="?tab=3", count=25),
        ),
        "standings": tuple(words.STANDINGS),
        "timelinesses": tuple(words.TIMELINESS),
        "states": tuple(words.REPORT_STATES),
        "grades": tuple(words.GRADES),
        "tones": TONES,
        "figures": figures(),
        "readings": (
            {"text": _("a. Mỗi điểm tính một lần: 612/706 điểm"), "value": Decimal(612) / 706},
            {"text": _("b. Riêng từng loại, lấy loại thấp nhất"), "value": Decimal("0.791")},
        ),
        "reports": reports(),
        "indicators": indicators(),
        "trend": trend(),
        "contributions": contributions(),
        "districts": districts(),
        "tiles": tiles(),
        "history": ("in_time", "late", "in_time", "late", "in_time", "missing", "not_due"),
    }


ROWS = (
    ("P9", Decimal("0.6745"), (Decimal("0.581"), Decimal("0.62"), None, Decimal("0.66"), Decimal("0.6745")), "missed"),
    ("M3.2", Decimal("0.664"), (Decimal("0.569"), Decimal("0.606"), Decimal("0.649"), Decimal("0.664")), "at_risk"),
    ("P1", Decimal("0.641"), (Decimal("0.44"), Decimal("0.5"), Decimal("0.58"), Decimal("0.641")), "met"),
)


def figures() -> tuple[LiveFigure, ...]:
    return (
        LiveFigure(
            label="M3.2",
            url="/",
            value=Decimal("0.6645"),
            target=Decimal("0.7"),
            standing="at_risk",
            numerator=Decimal(776513),
            denominator=Decimal(1168612),
            gap=Decimal("41515.4"),
            counted=_("công dân"),
            grade="imported",
        ),
        LiveFigure(
            label="P9",
            url="/",
            value=Decimal("0.675"),
            target=Decimal(1),
            deadline=date(2023, 7, 31),
            standing="missed",
            numerator=Decimal(939000),
            denominator=Decimal(1391954),
            gap=Decimal(452954),
            counted=_("công dân"),
            grade="declared",
        ),
        LiveFigure(
            label="P6",
            url="/",
            value=None,
            target=Decimal(1),
            standing="no_data",
            reason=_("Sở TT&TT chưa gửi, hạn 14/12"),
        ),
        LiveFigure(
            label="P7",
            url="/",
            value=Decimal("0.583"),
            standing="no_target",
            reported=19,
            expected=20,
            is_stale=True,
            grade="evidenced",
        ),
    )


def reports() -> charts.StackedBar:
    return charts.stacked_bar(
        [
            charts.Part(key="missing", count=3, url="#"),
            charts.Part(key="late", count=1, url="#"),
            charts.Part(key="in_time", count=27, url="#"),
        ],
        title=_("Báo cáo tháng của 31 đơn vị"),
    )


def indicators() -> charts.StackedBar:
    counts = {"missed": 4, "at_risk": 8, "below": 2, "on_track": 8, "met": 5, "undecided": 3}
    watched = charts.Part(key="no_target", count=25, url="#", words=_("Theo dõi, không có mục tiêu"), apart=True)
    return charts.stacked_bar(
        [*(charts.Part(key=key, count=count, url="#") for key, count in counts.items()), watched],
        title=_("30 chỉ tiêu có mục tiêu trong Kế hoạch"),
    )


def trend() -> charts.LineChart:
    shares = ("0.569", "0.606", "0.632", "0.649", "0.658", "0.664")
    known = [(f"2023-{month:02}", Decimal(share)) for month, share in zip(range(7, 13), shares, strict=True)]
    ahead = [(f"2024-{month:02}", None) for month in range(1, 7)]
    return charts.line_chart(
        charts.month_points([*known, *ahead]),
        title=_("M3.2 từ kỳ 7/2023 đến 12/2023"),
        caption=_("Tăng chậm dần: 3,7 điểm ở kỳ 8, còn 0,6 ở kỳ 12."),
        target=Decimal("0.7"),
        target_label=_("Mục tiêu 70% (Kế hoạch, không ghi thời hạn)"),
        milestones=[charts.Milestone(at=8, value=Decimal("0.7"), label=_("mốc theo dõi 31/3"))],
    )


DISTRICTS = (
    ("Lục Ngạn", "0.589", 19761),
    ("Lục Nam", "0.627", 12599),
    ("Sơn Động", "0.493", 12102),
    ("Tân Yên", "0.654", 6214),
    ("Hiệp Hòa", "0.682", 3410),
    ("Lạng Giang", "0.709", -1476),
    ("Yên Dũng", "0.731", -3495),
    ("Việt Yên", "0.748", -7600),
)


def contributions() -> charts.ContributionChart:
    return charts.contributions(
        [
            charts.Contribution(label=name, amount=Decimal(gap), detail=charts.numbers.percent(Decimal(share)))
            for name, share, gap in DISTRICTS
        ],
        title=_("Ai góp vào khoảng thiếu"),
        caption=_("Lục Ngạn, Lục Nam, Sơn Động thiếu 44.462; ba huyện vượt 12.571, kể riêng."),
        counted=_("công dân"),
        part_head=_("Huyện"),
    )


@dataclass(frozen=True)
class Square:
    code: str
    row: int
    column: int


def tiles() -> maps.MapChart:
    """Districts as squares, one of them without a value, one the page's own."""
    names = [name for name, _share, _gap in DISTRICTS]
    places = {
        name: maps.Place(
            name=name,
            short=name,
            value=None if place == 1 else Decimal(share),
            words="—" if place == 1 else numbers.percent(Decimal(share)),
            url="#",
            is_current=place == 0,
        )
        for place, (name, share, _gap) in enumerate(DISTRICTS)
    }
    squares = [Square(name, 1 + place // 4, 1 + place % 4) for place, name in enumerate(names)]
    return maps.tile_chart(
        squares, places, title=_("Theo địa bàn"), notices=[_("Mỗi ô vuông là một địa bàn, đặt gần đúng vị trí.")]
    )


def districts() -> charts.BarList:
    return charts.BarList(
        caption=_("Theo địa bàn"),
        part_head=_("Địa bàn"),
        rows=tuple(
            charts.BarRow(label=name, value=Decimal(share), target=Decimal("0.7"), gap=Decimal(gap), url="#")
            for name, share, gap in DISTRICTS
        ),
        total=charts.BarRow(label=_("Toàn tỉnh"), value=Decimal("0.664"), gap=Decimal(41515)),
    )
