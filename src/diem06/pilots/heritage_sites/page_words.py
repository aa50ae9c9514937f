"""What the pages of this room are called where their use is shown, by their names in the urls."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: Mapping[str, Promise] = {
    "heritage_sites:home": _("Di tích"),
    "heritage_sites:base-list": _("Danh mục di tích"),
    "heritage_sites:adopt-list": _("Danh mục di tích"),
    "heritage_sites:take-back-list": _("Danh mục di tích"),
    "heritage_sites:add-site": _("Thêm di tích"),
    "heritage_sites:site": _("Một di tích"),
    "heritage_sites:change": _("Sửa di tích"),
    "heritage_sites:close": _("Đóng di tích"),
    "heritage_sites:add-part": _("Thêm phần của di tích"),
    "heritage_sites:change-part": _("Sửa phần của di tích"),
    "heritage_sites:close-part": _("Đóng phần của di tích"),
    "heritage_sites:capacity": _("Sức chứa của di tích"),
    "heritage_sites:rule": _("Quy định của di tích"),
    "heritage_sites:hours": _("Giờ mở cửa của di tích"),
    "heritage_sites:add-festival": _("Lễ hội của di tích"),
    "heritage_sites:add-step": _("Bước triển khai ở di tích"),
    "heritage_sites:correct-step": _("Bước triển khai ở di tích"),
    "heritage_sites:live": _("Khách đang có mặt"),
    "heritage_sites:recount": _("Đếm lại khách"),
    "heritage_sites:screen": _("Màn hình tại di tích"),
    "heritage_sites:history": _("Lượt khách của di tích"),
    "heritage_sites:report": _("Báo cáo của di tích"),
    "heritage_sites:trace": _("Tra cứu một lượt khách"),
    "heritage_sites:traces": _("Các lần tra cứu lượt khách"),
}
