"""Letters («công văn») of the standing office: the one that urges who has not sent, the one that takes a report back. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from diem06.core.organisation.queries import UnitOn
from diem06.core.plans.models import Period
from diem06.plan.model import Plan
from diem06.reports.word.content import NOTICE, OPEN, moment, month_words, number_words
from diem06.reports.word.material import Signing
from diem06.reports.word.tree import (
    Align,
    Block,
    Content,
    Head,
    Mark,
    Paragraph,
    Row,
    Signature,
    Table,
    cell,
    paragraph,
    runs,
)
from vnlib.text import date_in_words

MOST_ADDRESSEES = 8
"""More units than this are listed in the letter alone, not at its head too."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A unit that has not sent, and how far its report is, in words."""

    unit: str
    how_far: str


@dataclass(frozen=True, kw_only=True)
class Sender:
    """The standing office as it stands at the top and at the foot of a letter."""

    plan: Plan
    units: Mapping[str, UnitOn]
    is_made_up: bool

    @property
    def office(self) -> UnitOn:
        return self.units[self.plan.steering_unit]

    def short(self, unit: str) -> str:
        return self.units[unit].short if unit in self.units else unit


def urging(sender: Sender, period: Period, waiting: Sequence[Waiting], *, at: datetime, signing: Signing) -> Content:
    """Build the letter that lists who has not sent at `at`."""
    plan = sender.plan
    names = [sender.short(each.unit) for each in waiting]
    due, now = moment(period.due_at), moment(at)
    by_when = f"trước {due}" if at < period.due_at else "ngay"
    addressees = tuple(names) if len(names) <= MOST_ADDRESSEES else ("Các đơn vị có tên trong danh sách dưới đây",)
    stem = f"{plan.key}:rows:unsent:{period.code}"
    count = Mark(text=f"{len(names):02}" if len(names) < 10 else str(len(names)), tag=f"{stem}#num")
    title = plan.report.title[0].lower() + plan.report.title[1:]
    body: list[Block] = [
        paragraph(
            f"Theo Kế hoạch số {plan.number} {plan.issued_on} của Chủ tịch {sender.short(plan.issuer)}, các đơn vị gửi báo cáo "
            f"{title} {month_words(period.code)} trước {due}."
        ),
        paragraph(f"Đến {now}, còn ", count, " đơn vị chưa gửi báo cáo có lãnh đạo duyệt:"),
        Table(
            caption="Đơn vị chưa gửi báo cáo",
            head=("TT", "Đơn vị", "Tình hình"),
            widths=(12, 95, 58),
            rows=tuple(
                Row(cells=(cell(str(number), align=Align.CENTER), cell(name), cell(each.how_far)))
                for number, (name, each) in enumerate(zip(names, waiting, strict=True), start=1)
            ),
        ),
        paragraph(
            f"{sender.office.short} đề nghị Thủ trưởng các đơn vị nêu trên chỉ đạo hoàn thành và gửi báo cáo {by_when} để tổng hợp, "
            f"báo cáo Chủ tịch {sender.short(plan.issuer)}."
        ),
    ]
    return _letter(
        sender,
        period,
        kind="urging",
        about=f"đôn đốc gửi báo cáo {month_words(period.code)} về các mô hình điểm",
        addressees=addressees,
        body=body,
        closing=f"{sender.office.short} đề nghị các đơn vị quan tâm, phối hợp thực hiện./.",
        signing=signing,
    )


def withdrawal(
    sender: Sender, period: Period, *, of: str, addressees: Sequence[str], reason: str, signing: Signing
) -> Content:
    """Build the letter that takes a sent document back; `of` names it: «Báo cáo số 12/BC-CAT-PC06 ngày 17/8/2023»."""
    return _letter(
        sender,
        period,
        kind="withdrawal",
        about=f"thu hồi {of[0].lower()}{of[1:]}",
        addressees=tuple(addressees),
        body=[paragraph(f"{sender.office.short} thu hồi {of}. Lý do: ", _reason(sender, period, reason), ".")],
        closing="Đề nghị các cơ quan, đơn vị không sử dụng văn bản nêu trên./.",
        signing=signing,
    )


def _reason(sender: Sender, period: Period, reason: str) -> Mark:
    return Mark(text=reason.strip().rstrip("."), tag=f"{sender.plan.key}:words:reason:{period.code}#txt")


def _letter(
    sender: Sender,
    period: Period,
    *,
    kind: str,
    about: str,
    addressees: tuple[str, ...],
    body: Sequence[Block],
    closing: str,
    signing: Signing,
) -> Content:
    office, day = sender.office, signing.day
    year, month = (int(number) for number in period.code.split("-"))
    words = date_in_words(day.day, day.month, day.year) if day else date_in_words(None, month, year)
    return Content(
        plan=sender.plan.id,
        kind=kind,
        period=period.code,
        notice=NOTICE if sender.is_made_up else "",
        head=Head(
            superior=office.header[0] if len(office.header) > 1 else "",
            issuer=office.header[-1] if office.header else office.name.upper(),
            number=f"Số: {number_words(signing.number)}/{office.symbol}",
            place_and_day=f"{sender.plan.report.place}, {words}",
            about=about,
        ),
        type_name="",
        subject=about,
        addressees=addressees,
        body=(*body, Paragraph(runs=runs(closing), is_closing=True)),
        signature=Signature(
            lines=signing.signs or (office.signs[0] if office.signs else (office.head_title,)),
            name=signing.signer.strip() or OPEN,
            recipients=("Như trên", f"Chủ tịch {sender.short(sender.plan.issuer)} (để báo cáo)", "Lưu: VT"),
        ),
        attached_to="",
        annexes=(),
    )
