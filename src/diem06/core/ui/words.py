"""The words, icons and colours of standings, grades and states of a report."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Mark:
    """A word with its icon. `tone` picks the colour: met, on, below, risk, miss, none (CSS `st-TONE`, `f-TONE`)."""

    tone: str
    icon: str
    words: Promise


# In the order in which a reader should see them: worst first.
STANDINGS: Final = {
    "missed": Mark("miss", "circle-x", _("Không đạt")),
    "at_risk": Mark("risk", "alert-triangle", _("Có nguy cơ")),
    "below": Mark("below", "circle-arrow-down", _("Chưa đạt")),
    "on_track": Mark("on", "trending-up", _("Đúng tiến độ")),
    "met": Mark("met", "circle-check", pgettext_lazy("standing", "Đạt")),
    "undecided": Mark("none", "help-circle", _("Chưa chọn cách hiểu")),
    "no_data": Mark("none", "circle-dashed", _("Chưa có số liệu")),
    "not_applicable": Mark("none", "circle-minus", _("Không phát sinh")),
    "no_target": Mark("none", "minus", _("Không có mục tiêu")),
}

# Whether a unit's report came in time.
TIMELINESS: Final = {
    "missing": Mark("miss", "circle-x", _("Chưa gửi")),
    "late": Mark("risk", "alert-triangle", _("Gửi muộn")),
    "in_time": Mark("met", "circle-check", _("Đúng hạn")),
    "not_due": Mark("none", "clock", _("Chưa đến hạn")),
}

# States of a report are ink, not colours of standing; `now` and `back` are the two that wait for the unit itself.
REPORT_STATES: Final = {
    "open": Mark("", "circle-dashed", pgettext_lazy("report state", "Mở")),
    "draft": Mark("now", "pencil", _("Đang nhập")),
    "submitted": Mark("", "clock", _("Đã trình")),
    "returned": Mark("back", "corner-up-left", _("Trả lại")),
    "approved": Mark("", "check", _("Đã duyệt")),
    "accepted": Mark("", "check", _("Đã tiếp nhận")),
    "closed": Mark("", "lock", _("Đã chốt")),
}


@dataclass(frozen=True)
class GradeWords:
    """How a number was obtained; `bars` of three are filled."""

    bars: int
    short: Promise
    words: Promise


GRADES: Final = {
    "evidenced": GradeWords(3, pgettext_lazy("grade", "Gốc"), _("Có bản ghi gốc")),
    "imported": GradeWords(2, pgettext_lazy("grade", "Nhập"), _("Nhập từ hệ thống khác")),
    "declared": GradeWords(1, pgettext_lazy("grade", "Báo cáo"), _("Đơn vị báo cáo")),
}
