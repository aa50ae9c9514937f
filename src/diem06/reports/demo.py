"""
The demo: the real plan, units and areas, and twelve made-up months, 2023-07 to 2024-06.

They cross the new map of 01/02/2024. Everything goes through the same actions as a person's typing does, at pretended times.
"""

from __future__ import annotations

import base64
import hashlib
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db import transaction

from diem06.core.access import PROVINCE_WIDE, Role
from diem06.core.areas.queries import areas_on
from diem06.core.jobs.models import Notice
from diem06.core.jobs.notices import read
from diem06.core.organisation.actions import add_person, give_role, set_totp
from diem06.core.organisation.queries import units_on
from diem06.core.plans.models import Period
from diem06.core.plans.queries import Loaded, cells_owed, obligations_of
from diem06.cube.closing.actions import close_period
from diem06.plan.changes import assignments_on
from diem06.plan.model import Plan
from diem06.reports.actions import (
    Entry,
    NewRemark,
    NotReadyError,
    accept,
    approve,
    begin_correction,
    explain,
    open_reports,
    record_unit_plan,
    reopen,
    return_report,
    save_narrative,
    save_values,
    submit,
)
from diem06.reports.cell_names import field_name
from diem06.reports.checks import Code
from diem06.reports.demo_values import Province
from diem06.reports.models import Heading, Report, ReportState
from diem06.reports.unit_plans.demo import make_tasks

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
MONTHS = tuple(f"2023-{month:02d}" for month in range(7, 13)) + tuple(f"2024-{month:02d}" for month in range(1, 7))
SEED = 20230615
NOW = datetime(2024, 6, 15, 9, 12, tzinfo=VIETNAM)
"""What the clock shows when the demo opens: the morning after the last month was due."""
PASSWORD = "diem06-so-lieu-gia-dinh"  # noqa: S105  printed on purpose: the demo's people are made up

_SURNAMES = [
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Phan",
    "Vũ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Ngô",
    "Dương",
    "Giáp",
    "Thân",
    "Nông",
    "Chu",
]
_MIDDLE = ["Văn", "Đức", "Minh", "Quang", "Hữu", "Thị", "Thu", "Ngọc", "Thanh", "Hồng", "Xuân", "Tuấn"]
_GIVEN = [
    "An",
    "Anh",
    "Bình",
    "Chi",
    "Cường",
    "Dung",
    "Dũng",
    "Giang",
    "Hà",
    "Hải",
    "Hạnh",
    "Hiền",
    "Hòa",
    "Hùng",
    "Hương",
    "Khánh",
    "Lan",
    "Linh",
    "Long",
    "Mai",
    "Minh",
    "Nam",
    "Nga",
    "Ngân",
    "Phong",
    "Phúc",
    "Quân",
    "Quyên",
    "Sơn",
    "Tâm",
    "Thắng",
    "Thảo",
    "Thủy",
    "Trang",
    "Trung",
    "Tú",
    "Tuyết",
    "Vân",
    "Việt",
    "Yến",
]

MISSING = {
    "2023-09": ("so-ngoai-vu",),
    "2023-11": ("ubnd-son-dong",),
    "2024-02": ("tinh-doan",),
    "2024-04": ("so-ngoai-vu",),
    "2024-06": ("ubnd-son-dong", "so-ngoai-vu", "tinh-doan"),
}
"""Who never sent, by month."""
LATE = {
    "2023-07": ("so-tu-phap", "ubnd-luc-ngan"),
    "2023-08": ("ubnd-son-dong",),
    "2023-10": ("tinh-doan", "so-cong-thuong"),
    "2023-12": ("so-tu-phap", "ubnd-son-dong"),
    "2024-01": ("ubnd-luc-ngan",),
    "2024-02": ("so-vhttdl", "ubnd-hiep-hoa"),
    "2024-03": ("so-ngoai-vu",),
    "2024-05": ("thanh-tra-tinh",),
    "2024-06": ("so-tu-phap",),
}
LATE_PLANS = {"so-ngoai-vu": date(2023, 7, 3), "tinh-doan": date(2023, 7, 10)}
HALF_TYPED = {("2024-06", "ubnd-son-dong"): 0.45, ("2024-06", "so-ngoai-vu"): 1.0}
WRONG = {
    ("2023-10", "so-tnmt", "workforce_with_card_and_vneid"): lambda value: value + 60,  # more than there are people
    ("2023-12", "ubnd-hiep-hoa", "people_helped"): lambda value: value * 10,  # a zero too many
    ("2024-03", "so-xay-dung", "dossiers_digitised"): lambda _value: 0,  # left at nought
    ("2024-05", "ubnd-tan-yen", "officials_trained_and_active"): lambda value: value * 3,
}
"""Some values are typed wrong, as they are in life: by month, unit and measure. What a hard check finds is mended before it is sent."""
CORRECTED = {("2023-07", "so-tu-phap"): "results_issued", ("2024-03", "so-xay-dung"): "dossiers_digitised"}
"""Which measure a unit corrected after its report was accepted, by month and unit."""
SENT_BACK = "ubnd-hiep-hoa"
"""Whose last report the standing office gave back on the morning on which the demo opens."""
SUBMITTED = "so-ngoai-vu"
"""Who typed and submitted the last report, and waits for the head."""
_REASONS = (
    "Đã đối chiếu sổ một cửa và hệ thống giải quyết thủ tục hành chính, số đúng.",
    "Trong tháng ra quân cao điểm nên tăng so với các kỳ trước.",
    "Số chốt theo biên bản họp giao ban của đơn vị.",
    "Trùng ngẫu nhiên với kỳ trước, đã kiểm tra lại từng bộ phận.",
)


@dataclass(frozen=True)
class Login:
    username: str
    full_name: str
    role: Role
    unit: str


def build(
    *, plan: Plan, months: Iterable[str] = MONTHS, seed: int = SEED, progress: Callable[[str], None]
) -> dict[tuple[str, Role], int]:
    """
    Make the people and the months of the demo, and return the people's ids. `progress` is told what is being done.

    When the pilots have made their part, `close_periods` closes the months.
    """
    progress("people")
    people = make_people(plan=plan, seed=seed)
    codes = list(months)
    for index, code in enumerate(codes):
        progress(f"month {code}")
        period = Period.objects.get(plan_id=plan.id, code=code)
        with transaction.atomic():
            make_month(plan=plan, period=period, month=index, people=people, seed=seed)
            if index:
                accept_month(plan=plan, code=codes[index - 1], people=people, seed=seed)
    if codes:
        with transaction.atomic():
            leave_waiting(plan=plan, code=codes[-1], people=people)
        _read_what_is_over(plan, codes[-1])
    progress("tasks")
    with transaction.atomic():
        reporters = {unit: person for (unit, role), person in people.items() if role is Role.UNIT_REPORTER}
        make_tasks(plan=plan, until=NOW, people=reporters, seed=seed)
        for period in Period.objects.filter(plan_id=plan.id).exclude(code__in=codes):
            open_reports(period=period, plan=plan, at=period.opens_at)
    return people


def close_periods(
    *,
    loaded: Loaded,
    months: Iterable[str] = MONTHS,
    people: dict[tuple[str, Role], int],
    seed: int = SEED,
    progress: Callable[[str], None],
) -> None:
    """
    Close every month but the last on the morning after its lock; some units correct a number two weeks later, which shows as a
    restatement. Comes after everything else that makes facts of these months.
    """
    codes = list(months)
    office = people.get((loaded.plan.steering_unit, Role.STANDING_OFFICE))
    for index, code in enumerate(codes[:-1]):
        progress(f"closing {code}")
        period = Period.objects.get(plan_id=loaded.plan.id, code=code)
        with transaction.atomic():
            close_period(loaded=loaded, period=period, at=period.lock_at + timedelta(hours=9, minutes=25), by=office)
            for report in Report.objects.filter(period=period, state=ReportState.ACCEPTED).order_by("unit"):
                if measure := CORRECTED.get((code, report.unit)):
                    _correct(report, loaded.plan, measure, month=index, people=people, seed=seed)
    if codes:
        _read_what_is_over(loaded.plan, codes[-1])


def _read_what_is_over(plan: Plan, last: str) -> None:
    """What is over was read long ago: only the last month's notices are new."""
    due_at = Period.objects.get(plan_id=plan.id, code=last).due_at
    read(notices=Notice.objects.filter(at__lt=due_at), at=due_at)


def make_people(*, plan: Plan, seed: int) -> dict[tuple[str, Role], int]:
    """Make one person for each role of the province, and a head and a reporter for each unit that reports. Returns ids."""
    chance = random.Random(seed)
    ids: dict[tuple[str, Role], int] = {}
    units = {unit.code: unit for unit in plan.units}
    hashed = make_password(PASSWORD)
    for login in logins(plan, chance):
        user = add_person(username=login.username, full_name=login.full_name, password=PASSWORD, hashed=hashed, by=None)
        begins = units[login.unit].valid_from or plan.in_force_from
        give_role(user=user, role=login.role, unit=login.unit, from_day=begins, by=None)
        if login.role in PROVINCE_WIDE:
            set_totp(user, totp_secret(login.username), by=None)
        ids[login.unit, login.role] = user.pk
    return ids


def totp_secret(username: str) -> str:
    """Return the secret of a demo person's one-time codes: made of the name, so that it can be printed again."""
    return base64.b32encode(hashlib.sha256(f"diem06 demo {username}".encode()).digest()[:20]).decode()


def logins(plan: Plan, chance: random.Random) -> list[Login]:
    """Return who can sign in to the demo: the province's roles first, then each unit's head and reporter."""
    province = [
        Login("chu-tich", _name(chance), Role.CHAIRMAN_OFFICE, plan.issuer),
        Login("thuong-truc", _name(chance), Role.STANDING_OFFICE, plan.steering_unit),
        Login("chu-tri", _name(chance), Role.LEAD_UNIT, plan.lead_unit),
        Login("giam-sat", _name(chance), Role.AUDITOR, plan.office_unit),
        Login("quan-tri", _name(chance), Role.ADMINISTRATOR, plan.steering_unit),
    ]
    units = [
        login
        for unit in plan.units
        if unit.reports == "yes" and (unit.valid_from is None or unit.valid_from <= NOW.date())
        for login in (
            Login(f"bc-{unit.key}", _name(chance), Role.UNIT_REPORTER, unit.code),
            Login(f"ld-{unit.key}", _name(chance), Role.UNIT_HEAD, unit.code),
        )
    ]
    return province + units


def make_month(*, plan: Plan, period: Period, month: int, people: dict[tuple[str, Role], int], seed: int) -> None:
    """Make one month: every unit's values, words and approval, some late, some never, some wrong."""
    province = Province(seed)
    chance = random.Random(f"{seed}/{period.code}")
    tree = areas_on(period.last_day)
    units = units_on(period.last_day)
    for report in open_reports(period=period, plan=plan, at=period.opens_at):
        unit = units[report.unit]
        by, head = people.get((unit.code, Role.UNIT_REPORTER)), people.get((unit.code, Role.UNIT_HEAD))
        if month == 0:
            issued_on = LATE_PLANS.get(unit.code, date(2023, 6, 19 + chance.randrange(11)))
            number = f"{chance.randrange(12, 180):02d}/KH-{unit.symbol.split('-')[0]}"
            record_unit_plan(
                plan=plan, unit=unit.code, number=number, issued_on=issued_on, at=_at(period.first_day, 30, 9), by=by
            )
        is_missing = unit.code in MISSING.get(period.code, ())
        share = HALF_TYPED.get((period.code, unit.code), 0.0 if is_missing else 1.0)
        typed_at = _at(period.last_day, -1 - chance.randrange(4), 8 + chance.randrange(9))
        owed = cells_owed(obligations_of(unit.code, period), plan=plan, on=period.last_day, tree=tree)
        entries, right = [], []
        for cell in owed[: int(len(owed) * share)]:
            value = province.value(cell, month=month, tree=tree, level=unit.level)
            wrong = WRONG.get((period.code, unit.code, cell.measure))
            entries.append(Entry(cell=cell, value=wrong(value) if wrong else value))
            if wrong:
                right.append(Entry(cell=cell, value=value))
        if entries:
            save_values(report=report, plan=plan, entries=entries, at=typed_at, by=by, way="demo", among=set(owed))
        if not is_missing:
            _write(report, plan, month, typed_at, by, chance)
            _send(report, plan, right, at=typed_at + timedelta(minutes=40), by=by)
            _approve(report, plan, period, unit.symbol, head, chance, is_late=unit.code in LATE.get(period.code, ()))


def _send(report: Report, plan: Plan, right: list[Entry], *, at: datetime, by: int | None) -> None:
    """Submit a report: what a hard check finds is mended, what a soft one asks gets a reason."""
    try:
        submit(report=report, plan=plan, at=at, by=by)
    except NotReadyError as refused:
        if any(found.code is Code.PART_ABOVE_WHOLE for found in refused.findings):
            save_values(report=report, plan=plan, entries=right, at=at + timedelta(hours=1), by=by, way="demo")
            _send(report, plan, [], at=at + timedelta(hours=1, minutes=5), by=by)
            return
        asked = [found for found in refused.findings if not found.is_hard]
        pick = int(hashlib.blake2b(f"{report.unit}/{report.period.code}".encode(), digest_size=2).hexdigest(), 16)
        reasons = {found.field: _REASONS[(pick + place) % len(_REASONS)] for place, found in enumerate(asked)}
        explain(report=report, plan=plan, reasons=reasons, at=at + timedelta(minutes=10), by=by)
        submit(report=report, plan=plan, at=at + timedelta(minutes=12), by=by)


def accept_month(*, plan: Plan, code: str, people: dict[tuple[str, Role], int], seed: int) -> None:
    """Let the standing office accept a month two to four days after it was due."""
    period = Period.objects.get(plan_id=plan.id, code=code)
    office = people.get((plan.steering_unit, Role.STANDING_OFFICE))
    chance = random.Random(f"{seed}/{code}/accepted")
    for report in Report.objects.filter(period=period, state=ReportState.APPROVED).order_by("unit"):
        assert report.approval_recorded_at is not None  # it is approved
        wanted = _at(period.last_day, 2 + chance.randrange(3), 8 + chance.randrange(8))
        at = max(wanted, report.approval_recorded_at + timedelta(hours=2))
        accept(report=report, plan=plan, at=at, by=office)


def _correct(
    report: Report, plan: Plan, measure: str, *, month: int, people: dict[tuple[str, Role], int], seed: int
) -> None:
    """Correct one measure of an accepted report three weeks later: asked for, opened again, typed, approved, accepted."""
    period = report.period
    province, tree = Province(seed), areas_on(period.last_day)
    unit = units_on(period.last_day)[report.unit]
    by, head = people.get((unit.code, Role.UNIT_REPORTER)), people.get((unit.code, Role.UNIT_HEAD))
    office = people.get((plan.steering_unit, Role.STANDING_OFFICE))
    day = period.last_day
    begin_correction(
        report=report, reason="Rà soát lại sổ theo dõi, số đã báo cáo bị thiếu.", at=_at(day, 20, 9), by=by
    )
    reopen(
        report=report, until=_at(day, 23, 17), reason="Cho sửa theo đề nghị của đơn vị", at=_at(day, 20, 14), by=office
    )
    owed = cells_owed(obligations_of(unit.code, period), plan=plan, on=day, tree=tree)
    entries = [
        Entry(cell=cell, value=province.value(cell, month=month, tree=tree, level=unit.level) + 3)
        for cell in owed
        if cell.measure == measure
    ]
    save_values(report=report, plan=plan, entries=entries, at=_at(day, 21, 9), by=by, way="demo", among=set(owed))
    _send(report, plan, [], at=_at(day, 21, 10), by=by)
    number = f"{700 + month}/BC-{unit.symbol}"
    approve(report=report, plan=plan, number=number, approved_at=_at(day, 21, 15), at=_at(day, 21, 16), by=head)
    accept(report=report, plan=plan, at=_at(day, 22, 10), by=office)


def leave_waiting(*, plan: Plan, code: str, people: dict[tuple[str, Role], int]) -> None:
    """Leave the last month as an office finds it in the morning: one report given back, one submitted, the others to accept."""
    period = Period.objects.get(plan_id=plan.id, code=code)
    office = people.get((plan.steering_unit, Role.STANDING_OFFICE))
    morning = _at(period.last_day, 1, 8) + timedelta(minutes=30)
    report = Report.objects.get(period=period, unit=SENT_BACK)
    if report.approval_recorded_at is not None and report.approval_recorded_at < morning:
        owed = cells_owed(obligations_of(SENT_BACK, period), plan=plan, on=period.last_day)
        places = [cell for cell in owed if cell.measure == "people_helped"][:2]
        remarks = [
            NewRemark(
                cell=field_name(places[0]), text="Xã báo lượt hướng dẫn nhưng chưa có sổ theo dõi. Kiểm tra lại."
            ),
            NewRemark(cell=field_name(places[1]), text="Số chênh với báo cáo của Công an huyện."),
            NewRemark(heading=Heading.DIFFICULTIES.value, text="Ghi rõ địa điểm thiếu thiết bị."),
        ]
        reason = "Hai xã có số chưa khớp sổ theo dõi; phần khó khăn còn chung chung."
        return_report(report=report, by_office=True, reason=reason, at=morning, by=office, remarks=remarks)
    waiting = Report.objects.get(period=period, unit=SUBMITTED)
    if waiting.state == ReportState.DRAFT:
        by = people.get((SUBMITTED, Role.UNIT_REPORTER))
        _send(waiting, plan, [], at=_at(period.last_day, 0, 16), by=by)


def _write(report: Report, plan: Plan, month: int, at: datetime, by: int | None, chance: random.Random) -> None:
    """Write the unit's words: most headings, not all."""
    pilots = [row.pilot for row in assignments_on(plan, report.period.last_day) if row.unit == report.unit]
    title = next((pilot.short_title for pilot in plan.pilots if pilot.code in pilots), "cấp tỉnh")
    for heading, sentences in _SENTENCES.items():
        if heading is Heading.DONE or chance.random() < 0.62:
            text = sentences[(month + chance.randrange(len(sentences))) % len(sentences)].format(pilot=title)
            save_narrative(report=report, heading=heading, text=text, at=at, by=by)


def _approve(
    report: Report, plan: Plan, period: Period, symbol: str, by: int | None, chance: random.Random, *, is_late: bool
) -> None:
    due = period.due_at.astimezone(VIETNAM)
    if is_late:
        approved_at = (
            due
            + timedelta(hours=7, minutes=40)
            + timedelta(hours=chance.randrange(1 if period.code == "2024-06" else 30))
        )
    else:
        approved_at = due - timedelta(hours=7 + chance.randrange(44), minutes=chance.randrange(60))
    report.refresh_from_db(fields=["submitted_at"])
    assert report.submitted_at is not None  # a head reads what is finished
    approved_at = max(approved_at, report.submitted_at + timedelta(hours=1))
    number = f"{chance.randrange(60, 640)}/BC-{symbol}"
    approve(
        report=report,
        plan=plan,
        number=number,
        approved_at=approved_at,
        at=approved_at + timedelta(minutes=20),
        by=by,
    )


def _at(day: date, days: int, hour: int) -> datetime:
    return datetime.combine(day + timedelta(days=days), time(hour), VIETNAM)


def _name(chance: random.Random) -> str:
    return f"{chance.choice(_SURNAMES)} {chance.choice(_MIDDLE)} {chance.choice(_GIVEN)}"


_SENTENCES: dict[Heading, tuple[str, ...]] = {
    Heading.DONE: (
        "Ban hành văn bản đôn đốc các đơn vị trực thuộc triển khai mô hình {pilot}; họp giao ban, phân công từng bộ phận theo dõi số liệu.",
        "Tổ chức tập huấn cho cán bộ làm việc tại bộ phận một cửa; cử tổ công tác xuống cơ sở hướng dẫn người dân dùng tài khoản VNeID.",
        "Kiểm tra việc thực hiện mô hình {pilot} tại cơ sở, lập biên bản và giao thời hạn khắc phục cho từng nơi.",
        "Phối hợp với lực lượng Công an và Đoàn Thanh niên ra quân cuối tuần tại nhà văn hóa thôn, tổ dân phố.",
    ),
    Heading.GOOD: (
        "Người đứng đầu trực tiếp chỉ đạo, giao việc rõ người, rõ thời hạn.",
        "Các bộ phận phối hợp đều, số liệu được đối chiếu với sổ một cửa trước khi báo cáo.",
        "Người dân đến bộ phận một cửa được hướng dẫn tự thực hiện, cán bộ không làm hộ.",
    ),
    Heading.SHORTCOMINGS: (
        "Một số nơi còn chậm cập nhật danh mục thuộc phạm vi mô hình {pilot}.",
        "Việc tuyên truyền ở các thôn xa trung tâm chưa thường xuyên.",
        "Còn đơn vị trực thuộc gửi số liệu sát hạn, phải hỏi lại nhiều lần.",
    ),
    Heading.DIFFICULTIES: (
        "Thiết bị tại một số điểm hướng dẫn đã cũ, đường truyền chập chờn vào giờ cao điểm.",
        "Người cao tuổi, người lao động đi làm xa khó kích hoạt tài khoản định danh điện tử.",
        "Kinh phí mua sắm thiết bị cho mô hình {pilot} chưa được bố trí đủ trong năm.",
    ),
    Heading.CAUSES: (
        "Cán bộ kiêm nhiệm, khối lượng công việc cuối kỳ lớn.",
        "Dữ liệu giữa các hệ thống chưa đồng bộ, phải nhập lại bằng tay.",
        "Một bộ phận người dân vẫn quen nộp hồ sơ trực tiếp.",
    ),
    Heading.NEXT_MONTH: (
        "Rà soát từng xã, phường, thị trấn chưa đạt mục tiêu của mô hình {pilot}, cử cán bộ xuống hỗ trợ.",
        "Hoàn thành lắp đặt thiết bị tại các điểm đã khảo sát; kiểm tra lại sau khi lắp.",
        "Tiếp tục tập huấn cho cán bộ mới nhận việc tại bộ phận một cửa.",
    ),
    Heading.PROPOSALS: (
        "Đề nghị Công an tỉnh cung cấp danh sách chưa kích hoạt tài khoản theo từng thôn để phân công vận động.",
        "Đề nghị UBND tỉnh bố trí kinh phí mua sắm thiết bị cho các điểm thuộc phạm vi mô hình.",
        "Đề nghị Bộ Công an hướng dẫn thống nhất quy chuẩn thiết bị đọc thẻ CCCD gắn chip.",
    ),
}  # fmt: skip
