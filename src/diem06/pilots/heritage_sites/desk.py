"""What can be done at a gate of a site."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from diem06.core.roster.desk import Act, Ask, DeskService
from diem06.pilots.heritage_sites.actions.visits import carry_out_many
from diem06.pilots.heritage_sites.apps import GATE
from diem06.pilots.heritage_sites.queries.visits import desk_status

SERVICE = DeskService(
    kinds=(GATE,),
    acts=(
        Act(
            code="enter",
            title=_("Vào"),
            icon="login",
            key="v",
            asks=(Ask.BEARER,),
            needs=(Ask.BEARER,),
            is_default=True,
        ),
        Act(code="leave", title=_("Ra"), icon="logout", key="r", asks=(Ask.BEARER,), needs=(Ask.BEARER,)),
        # The leader's document, and how many came with the leader included; without a document all are counted.
        Act(
            code="group",
            title=_("Đoàn"),
            icon="users-group",
            key="d",
            asks=(Ask.BEARER, Ask.COUNT),
            needs=(Ask.COUNT,),
        ),
        Act(code="child", title=_("Trẻ em không thẻ"), icon="mood-kid", key="t", asks=(Ask.COUNT,), needs=(Ask.COUNT,)),
        Act(code="count_in", title=_("Đếm vào"), icon="plus", key="+", asks=(Ask.COUNT,), needs=(Ask.COUNT,)),
        Act(code="count_out", title=_("Đếm ra"), icon="minus", key="-", asks=(Ask.COUNT,), needs=(Ask.COUNT,)),
        Act(
            code="recount",
            title=_("Kiểm đếm lại"),
            icon="refresh",
            key="k",
            asks=(Ask.COUNT, Ask.REASON),
            needs=(Ask.COUNT,),
        ),
    ),
    words={
        # What the result says in place of the button's word.
        "enter_done": _("Mời vào"),
        "leave_done": _("Đã ra"),
        "group_done": _("Mời đoàn vào"),
        "inside_already": _("Đã vào trước đó. Lượt tham quan được tính tiếp."),
        "at_two_gates": _("Vừa vào ở cổng khác. Kiểm tra lại giấy tờ với người cầm thẻ."),
        "left_since": _("Người này đã ra. Lượt vào được ghi bổ sung."),
        "left_already": _("Vừa ra rồi. Không cần quét lại."),
        "left_after_closing": _("Lượt này đã tự kết thúc. Giờ ra thật được ghi bổ sung."),
        "no_entry": _("Chưa thấy lượt vào. Lượt ra vẫn được ghi."),
        "earlier_day": _("Thuộc ngày trước. Được ghi, không tính vào số người đang ở trong."),
        "clock_wrong": _("Đồng hồ của máy sai. Chỉnh lại giờ; lượt này lấy giờ máy chủ."),
        "annulled": _("Đã thu hồi."),
        "nothing_to_annul": _("Không có gì để thu hồi. Lượt đó không được ghi hoặc đã thu hồi."),
        "recount_too_late": _("Sau đó đã có lần kiểm đếm khác. Số người không đổi."),
    },
    carry_out_many=carry_out_many,
    status=desk_status,
)
