"""What a person of each role should know first. The pages are known here, so the steps are too."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from diem06.core.access import Role, Subject
from diem06.core.ui.shell import Tour, TourStep

BELL, HELP = "bell", "help"
"""Ids in the top bar."""


def tour_of(subject: Subject, *, path: str, home: str, seen: Iterable[str], is_asked: bool) -> Tour | None:
    """
    Return the tour of the person's first role, or None without a role.

    It is offered on the page where their work begins (`home`) until it was seen; `is_asked`: they want it now.
    """
    name = _name(subject)
    if not name:
        return None
    return Tour(
        name=name,
        steps=_STEPS[name](),
        help_url=reverse("help"),
        seen_url=reverse("tour-seen"),
        start_url=f"{home}?tour=1",
        is_offered=path == home and not is_asked and name not in seen,
        is_started=path == home and is_asked,
    )


def _name(subject: Subject) -> str:
    if subject.has(Role.CHAIRMAN_OFFICE):
        return "chairman"
    if subject.has(Role.STANDING_OFFICE, Role.LEAD_UNIT):
        return "office"
    if subject.has(Role.AUDITOR, Role.ADMINISTRATOR):
        return "oversight"
    if subject.has(Role.UNIT_HEAD):
        return "head"
    return "reporter" if subject.has(Role.UNIT_REPORTER) else ""


def _chairman() -> tuple[TourStep, ...]:
    return (
        TourStep(
            title=_("Xem tỉnh đang ở đâu"),
            text=_("«Tổng quan» cho biết chỉ tiêu nào đạt, chỉ tiêu nào chậm, đơn vị nào nộp muộn trong kỳ."),
            target=reverse("dashboard"),
        ),
        TourStep(
            title=_("Hỏi vì sao còn thiếu"),
            text=_(
                "Mở một chỉ tiêu: trang chỉ ra địa bàn và đơn vị nào làm nên phần còn thiếu. Bấm vào con số để xem nguồn gốc."
            ),
            target=reverse("indicators"),
        ),
        TourStep(
            title=_("Đọc Kế hoạch cùng số liệu"),
            text=_(
                "«Kế hoạch» là nguyên văn đã ban hành. Bên mỗi mục là con số của kỳ này và đơn vị chịu trách nhiệm."
            ),
            target=reverse("living-plan"),
        ),
        _bell(_("Chuông báo việc mới. Không có thư, không có tin nhắn làm phiền.")),
    )


def _office() -> tuple[TourStep, ...]:
    return (
        TourStep(
            title=_("Xem ai chưa nộp"),
            text=_("«Báo cáo» liệt kê từng kỳ: đơn vị nào đã nộp, nộp muộn, còn thiếu. Tệp Word của kỳ cũng ở đó."),
            target=reverse("reports"),
        ),
        TourStep(
            title=_("Tìm chỗ phải đôn đốc"),
            text=_("«Tổng quan» nêu chỉ tiêu chậm. Mở chỉ tiêu để thấy địa bàn và đơn vị cần nhắc."),
            target=reverse("dashboard"),
        ),
        _bell(_("Việc lớn chạy trên máy chủ, bạn cứ đóng trang. Xong thì chuông báo; tệp giữ 7 ngày.")),
        _keys(),
    )


def _oversight() -> tuple[TourStep, ...]:
    return (
        TourStep(
            title=_("Truy từng con số"),
            text=_("Mở một chỉ tiêu rồi bấm vào con số: trang hiện công thức và từng bản ghi được tính."),
            target=reverse("indicators"),
        ),
        TourStep(
            title=_("Kiểm tra tệp Word nhận về"),
            text=_("Trong «Báo cáo», chọn «Kiểm tra tệp Word»: hệ thống nêu tên từng số đã bị sửa."),
            target=reverse("reports"),
        ),
        TourStep(
            title=_("Bàn giao khi đổi người"),
            text=_("Quản trị viên mở «Trợ giúp», chọn «Bàn giao công việc»: vai trò và việc đang mở chuyển cùng lúc."),
            target=HELP,
        ),
        _keys(),
    )


def _head() -> tuple[TourStep, ...]:
    return (
        TourStep(
            title=_("Bắt đầu từ «Việc của tôi»"),
            text=_("Báo cáo gần hạn nhất đứng đầu. Dòng dưới tên kỳ cho biết người làm bước tiếp theo."),
            target=reverse("my-work"),
        ),
        TourStep(
            title=_("Xem số của đơn vị trước khi duyệt"),
            text=_("«Chỉ tiêu» chỉ hiện chỉ tiêu của đơn vị bạn, so với mục tiêu và các kỳ trước."),
            target=reverse("indicators"),
        ),
        TourStep(
            title=_("Chuyển việc khi cán bộ đổi vị trí"),
            text=_("Mở «Trợ giúp», chọn «Bàn giao công việc». Bạn thấy trước những gì sẽ chuyển."),
            target=HELP,
        ),
        _bell(_("Báo cáo được trình hay bị trả lại: chuông báo ngay.")),
    )


def _reporter() -> tuple[TourStep, ...]:
    return (
        TourStep(
            title=_("Bắt đầu từ «Việc của tôi»"),
            text=_("Báo cáo gần hạn nhất đứng đầu. Mở nó: số kỳ trước đứng cạnh ô cần nhập."),
            target=reverse("my-work"),
        ),
        TourStep(
            title=_("Gõ số, nhấn Enter"),
            text=_("Số tự lưu khi bạn rời ô. Quen Excel thì tải mẫu về, điền, rồi tải lên; hệ thống chỉ ra ô sai."),
            target=reverse("my-work"),
        ),
        _bell(_("Báo cáo bị trả lại, sắp hết hạn: chuông báo và dẫn đến đúng chỗ.")),
        _keys(),
    )


def _bell(text: str) -> TourStep:
    return TourStep(title=_("Nhìn chuông thông báo"), text=text, target=BELL)


def _keys() -> TourStep:
    return TourStep(
        title=_("Cần giúp thì mở «Trợ giúp»"),
        text=_("Hướng dẫn này, danh sách phím tắt và nơi liên hệ ở đó. Nhấn ? trên trang bất kỳ để xem phím."),
        target=HELP,
    )


_STEPS = {
    "chairman": _chairman,
    "office": _office,
    "oversight": _oversight,
    "head": _head,
    "reporter": _reporter,
}
