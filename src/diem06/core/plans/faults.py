"""The faults of a plan in the words of the screens: `plan check` itself speaks English, as commands do."""

from __future__ import annotations

import re

from django.utils.translation import get_language
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_noop as _

from diem06.plan.faults import Fault

# What is wrong, as plan/checks.py and plan/reader.py say it -> how a screen says it. Groups are handed over by name.
_WORDS: list[tuple[str, str]] = [
    (r"these words are not in clause (?P<code>.+)\.", _("Câu này không có trong điều %(code)s. Chép nguyên văn.")),
    (
        r"these words are not in the spans of the clause\.",
        _("Câu trích không có trong đoạn của điều. Chép nguyên văn."),
    ),
    (r"these words are not in the plan\.", _("Câu này không có trong Kế hoạch. Chép nguyên văn.")),
    (r"the plan's words are missing\.", _("Thiếu câu trích. Chép nguyên văn.")),
    (r"the quote does not say (?P<share>.+)\.", _("Câu trích không ghi %(share)s. Sửa số hoặc câu trích.")),
    (r"the quote says (?P<share>.+)\.", _("Câu trích có ghi %(share)s.")),
    (r"(?P<value>\S+) is no share\.", _("%(value)s không phải tỷ lệ. Nhập số trên 0%%, không quá 100%%.")),
    (r"(?P<code>\S+) is a count and has no share to reach\.", _("%(code)s là số đếm, không có tỷ lệ phải đạt.")),
    (r".+ has a rule from (?P<day>\S+) in .+", _("Đã có quy định nguồn từ ngày %(day)s. Chọn ngày khác.")),
    (r"two targets begin on (?P<day>\S+)\.", _("Đã có mục tiêu bắt đầu ngày %(day)s. Chọn ngày khác.")),
    (
        r"(?P<code>\S+) is already chosen from (?P<day>\S+)\.",
        _("Cách %(code)s đã được chọn từ %(day)s. Chọn ngày khác."),
    ),
    (r"(?P<unit>\S+) is already assigned to (?P<pilot>\S+)\.", _("%(unit)s đã được giao %(pilot)s. Chọn đơn vị khác.")),
    (
        r"(?P<unit>\S+) does not carry (?P<pilot>\S+) before (?P<day>\S+)\.",
        _("%(unit)s không thực hiện %(pilot)s trước %(day)s."),
    ),
    (r"is not later than the plan itself\.", _("Ngày này không sau ngày Kế hoạch có hiệu lực. Chọn ngày sau.")),
    (r"is not later than the name before it\.", _("Ngày này không sau tên trước. Chọn ngày sau.")),
    (r"is before (?P<day>\S+), when the target begins\.", _("Thời hạn trước ngày %(day)s, khi mục tiêu bắt đầu.")),
    (r"(?P<unit>\S+) is not there on (?P<day>\S+)\.", _("%(unit)s không còn hoặc chưa có vào ngày %(day)s.")),
    (r"is the same as the denominator: always 100%\.", _("Tử số trùng mẫu số, luôn là 100%%. Sửa tử số.")),
    (r"nothing serves clause (?P<code>\S+)\.", _("Điều %(code)s chưa có chỉ tiêu, báo cáo hay lý do không đo.")),
    (r"there is no (?P<kind>[\w ]+) '(?P<code>.*)'\.", _("Không có «%(code)s».")),
    (r"there is no area '(?P<code>.*)' on (?P<day>\S+)\.", _("Không có địa bàn «%(code)s» vào ngày %(day)s.")),
    (
        r"area '(?P<code>.*)' is a (?P<level>\w+), not a (?P<other>\w+)\.",
        _("Địa bàn «%(code)s» thuộc cấp %(level)s, không phải %(other)s."),
    ),
    (r"'(?P<code>.*)' stands already in (?P<place>.+)\.", _("«%(code)s» đã dùng ở %(place)s. Đặt mã khác.")),
    (r"'(?P<code>.*)' is no month\.", _("«%(code)s» không phải tháng. Viết như 2024-07.")),
    (r"'(?P<code>.*)' is not a short name\.", _("«%(code)s» không phải mã. Dùng chữ thường, số, gạch nối.")),
    (r"'(?P<code>.*)' is not a code\.", _("«%(code)s» không phải mã.")),
    (r"'(?P<code>.*)' does not fit in figure keys\.", _("«%(code)s» quá dài hoặc có ký tự lạ.")),
    (r"'(?P<code>.*)' is loaded already\.", _("Đã nạp Kế hoạch mã «%(code)s». Đặt mã khác.")),
    (r"'(?P<code>.*)' is the key of a loaded plan\.", _("Kế hoạch khác đã dùng mã ngắn «%(code)s». Đặt mã khác.")),
    (r"holds a percentage\.", _("Tên có số phần trăm. Bỏ số khỏi tên, số đã ở mục tiêu.")),
    (r"is missing\.", _("Còn thiếu.")),
    (r"is empty\.", _("Còn trống.")),
    (r"has no words\.", _("Còn trống.")),
    (r"nobody owes it\.", _("Chưa có đơn vị phải báo cáo.")),
    (r"no formula uses (?P<code>\S+)\.", _("Không chỉ tiêu nào dùng số đo %(code)s.")),
    (r"the indicator serves no clause\.", _("Chỉ tiêu chưa gắn với điều nào.")),
    (r"the clause has no place in the text\.", _("Điều chưa gắn với đoạn văn nào.")),
    (r"not found in (?P<place>\S+)\.", _("Không tìm thấy trong đoạn %(place)s.")),
    (r"clause (?P<code>\S+) does not name it so\.", _("Điều %(code)s không ghi tên này.")),
]
_READ = [(re.compile(pattern), words) for pattern, words in _WORDS]


def fault_words(fault: Fault) -> str:
    """Return what is wrong in the language of the page; in the command's own words where the page has none."""
    if (get_language() or "").startswith("en"):
        return f"{fault.wrong[:1].upper()}{fault.wrong[1:]} {fault.write}"
    for pattern, words in _READ:
        if found := pattern.fullmatch(fault.wrong):
            return translated(words) % found.groupdict()
    return f"{fault.wrong} {fault.write}"
