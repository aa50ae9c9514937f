"""The pages about visits: now, history, the big screen, and the look-up of who was there."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import openpyxl
import pytest
from django.test import Client

from diem06.core.access import PROVINCE_WIDE, Role
from diem06.core.audit.models import Entry
from diem06.core.organisation.actions import new_totp_secret, set_totp
from diem06.core.organisation.models import RoleAssignment, User
from diem06.core.roster.desk import Source
from diem06.pilots.heritage_sites.actions import closing
from diem06.pilots.heritage_sites.actions.tracing import trace_visitors
from diem06.pilots.heritage_sites.models import Capacity, Occupancy, Trace, Visit
from diem06.pilots.heritage_sites.tests.gates import JOHN, LAN, MINH, NOON, UNIT, Gates, hours, minutes

BASE = "/pilots/heritage-sites/sites/tay-yen-tu"


@pytest.fixture
def gates(db, settings) -> Gates:
    settings.DIEM06_CLOCK = lambda: NOON + hours(2)
    made = Gates()
    made.do("enter", LAN)
    made.do("group", MINH, count=10, at=NOON + minutes(30))
    made.do("enter", JOHN, at=NOON + minutes(61), gate=made.b)
    made.do("count_in", count=40, at=NOON + minutes(62))
    made.do("leave", LAN, at=NOON + minutes(70))
    return made


def _client(name: str, role: Role, unit: str = "") -> Client:
    user = User.objects.create(username=name, full_name=f"Người {name}", sort_key=name)
    RoleAssignment.objects.create(user=user, role=role, unit_code=unit, from_day=NOON.date() - timedelta(days=9))
    if role in PROVINCE_WIDE:
        set_totp(user, new_totp_secret())  # else they are sent to set one up
    client = Client()
    client.force_login(user)
    return client


@contextmanager
def _a_plan() -> Iterator[None]:
    """Publish for one unit without loading a plan: which unit owes the measure is not what is tested here."""

    class Publisher(closing.Publisher):
        def __init__(self, plan) -> None:
            self._terms, self._units = {}, {}

        def _unit(self, term, day) -> str:
            return UNIT

    with patch.multiple(closing, loaded_plan=lambda: _NoPlan, Publisher=Publisher):
        yield


class _NoPlan:
    plan = None


@pytest.fixture
def head(gates) -> Client:
    return _client("ld-son-dong", Role.UNIT_HEAD, UNIT)


def _text(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_the_live_page_shows_who_is_inside_and_how_that_is_known(head: Client, django_assert_max_num_queries) -> None:
    head.get(f"{BASE}/live/")
    with django_assert_max_num_queries(45):
        text = _text(head.get(f"{BASE}/live/"))

    assert '<b class="crowd-n tnum"><span class="tnum">51</span></b>' in text
    assert "sức chứa 100" in text
    for mark in ("636", "773", "864", "909"):  # 70, 85, 95, 100 of the 110 percent that the bar holds
        assert f'<line class="tk" x1="{mark}"' in text
    for name, value in (("Định danh", "2"), ("Đếm", "49"), ("Ước tính", "0")):
        assert name in text
        assert value in text


def test_a_recount_by_form_changes_who_is_inside_and_is_in_the_trail(head: Client, gates: Gates) -> None:
    assert head.post(f"{BASE}/recount/", {"people": "abc", "reason": ""}).status_code == 422
    answer = head.post(f"{BASE}/recount/", {"people": "70", "reason": "Đếm tại sân"}, follow=True)

    assert "Đã ghi 70 người" in answer.content.decode()
    assert gates.inside == 70
    assert Entry.objects.get(action="heritage_site.recount").details["found"] == 51


@pytest.mark.parametrize(
    ("by", "rows"),
    [
        ("hour", [("12:00", 2, 9), ("13:00", 1, 40)]),
        ("day", [("20/02/2024", 3, 49)]),
        ("sex", [("Nữ", 1, 0), ("Nam", 2, 0), ("Không có giấy tờ: đếm", 0, 49)]),
        ("age", [("30–44", 2, 0), ("45–59", 1, 0), ("Không có giấy tờ: đếm", 0, 49)]),
        ("province", [("Bắc Giang", 1, 0), ("Hà Nội", 1, 0), ("Nước ngoài", 1, 0), ("Không có giấy tờ: đếm", 0, 49)]),
    ],
)
def test_the_history_and_its_excel_file_say_the_same_with_the_method_of_each_figure(head: Client, by, rows) -> None:
    page = head.get(f"{BASE}/history/", {"by": by})
    found = page.context["found"]

    assert [(row.label, row.identified, row.counted) for row in found.rows] == rows

    file = head.get(f"{BASE}/history.xlsx", {"by": by}).content
    sheet = openpyxl.load_workbook(io.BytesIO(file)).active
    values = list(sheet.iter_rows(min_row=6, max_row=6 + len(rows), max_col=4, values_only=True))
    assert values == [*((*row, row[1] + row[2]) for row in rows), ("Cộng", 3, 49, 52)]


def test_the_filter_of_the_history_lives_in_the_address(head: Client, gates: Gates) -> None:
    one_gate = head.get(f"{BASE}/history/", {"by": "day", "gate": gates.b.pk})
    another_day = head.get(f"{BASE}/history/", {"first": "2024-02-01", "last": "2024-02-19"})
    nonsense = head.get(f"{BASE}/history/", {"by": "x", "first": "31/02", "gate": "y"})

    assert one_gate.context["found"].total == 1
    assert another_day.context["found"].total == 0
    assert nonsense.context["found"].total == 52


def test_the_report_and_the_big_screen_show_the_site(head: Client) -> None:
    assert "Tổng 52 lượt vào: 3 định danh, 49 đếm." in _text(head.get(f"{BASE}/report/"))
    assert '<p class="big-n tnum">51</p>' in _text(head.get(f"{BASE}/screen/"))


def test_an_alarm_of_a_point_is_shown_with_its_name_now_in_the_list_of_sites_and_in_the_report(
    head: Client, gates: Gates
) -> None:
    """The site holds 100 and is half empty; its point is declared for 10 and four groups went there."""
    Capacity.objects.create(place=gates.point, from_day=NOON.date(), declared=10, document="4/BB", recorded_at=NOON)
    Occupancy.objects.filter(place=gates.point).update(capacity=10)
    gates.do("count_in", count=3, at=NOON + minutes(90))

    live = head.get(f"{BASE}/live/")
    assert (live.context["live"].inside.alarm, live.context["live"].alarm) == (0, 100)
    text = _text(live)
    assert 'data-alarm="100"' in text
    assert "Đã đầy: dừng cho vào" in text
    assert "<td>Chùa Hạ</td><td>Tới 100%</td>" in text
    assert "Chùa Hạ:</b> 53 trên 10 người, 530%" in _text(head.get(f"{BASE}/screen/"))
    for page in ("history", "report"):
        assert "Chùa Hạ</td><td>Tới 100%" in _text(head.get(f"{BASE}/{page}/"))
    sites = head.get("/pilots/heritage-sites/", {"crowd": "alarm"})
    assert [(line.name, line.within, line.inside.percent) for line in sites.context["crowded"]] == [
        ("Chùa Hạ", "Tây Yên Tử", 530)
    ]
    assert [(row.site.name, row.crowd.people) for row in sites.context["rows"]] == [("Tây Yên Tử", 54)]


def test_a_count_that_an_older_day_left_over_is_not_shown_as_that_of_now(head: Client, gates: Gates, settings) -> None:
    settings.DIEM06_CLOCK = lambda: NOON + hours(48)

    rows = head.get("/pilots/heritage-sites/").context["rows"]

    assert [row.crowd for row in rows] == [None]


def test_pages_say_what_m62_counts_and_as_of_when(head: Client, gates: Gates) -> None:
    before = _text(head.get(f"{BASE}/history/"))
    Gates.do(gates, "enter", replace(LAN, number="024190099999", source=Source.TYPED), at=NOON + minutes(80))
    with _a_plan():
        closing.publish(at=NOON + minutes(85))
    gates.do("count_in", count=4, at=NOON + minutes(90))

    after = _text(head.get(f"{BASE}/history/"))

    assert "Chỉ tiêu M6.2 chưa tính những ngày này. Còn 52 lượt chờ đưa vào" in before
    # Four documents were read, one of them typed: three scans among 53 entries.
    assert "đã tính 3 lượt quét mã trên 53 lượt vào, cập nhật lúc 13:25 20/02/2024. Còn 4 lượt chờ đưa vào" in after
    assert "người đi cùng đoàn và giấy tờ nhập tay tính là đếm tay" in after


def test_a_site_of_another_district_is_not_shown(gates: Gates) -> None:
    other = _client("ld-yen-dung", Role.UNIT_HEAD, "ubnd-yen-dung")

    for page in ("live", "history", "report", "screen", "trace"):
        assert other.get(f"{BASE}/{page}/").status_code == 403


# -- who was there ---------------------------------------------------------------------------------------------------
ASK = {
    "first_at": "2024-02-20T11:00",
    "last_at": "2024-02-20T13:30",
    "purpose": "Điều tra dịch tễ theo công văn 15/SYT",
}


def test_a_look_up_shows_masked_numbers_once_and_leaves_a_trail(head: Client) -> None:
    answer = head.post(f"{BASE}/trace/", ASK)
    text = answer.content.decode()

    assert LAN.name in text
    assert LAN.number not in text
    assert answer["Cache-Control"].count("no-store") == 1
    entry = Entry.objects.get(action="heritage_site.trace")
    assert entry.details["visits_shown"] == list(Visit.objects.order_by("entered_at").values_list("pk", flat=True))
    assert entry.details["purpose"] == ASK["purpose"]
    assert LAN.name not in head.get(f"{BASE}/trace/").content.decode()


def test_whole_numbers_are_shown_where_asked_for_and_the_trail_says_so(head: Client) -> None:
    text = head.post(f"{BASE}/trace/", {**ASK, "is_whole": "on"}).content.decode()

    assert LAN.number in text
    assert Trace.objects.get().is_whole


def test_who_left_before_the_window_is_not_found(gates: Gates) -> None:
    user = User.objects.create(username="x", full_name="X", sort_key="x")
    traced = trace_visitors(
        site=gates.site,
        first_at=NOON + minutes(75),
        last_at=NOON + minutes(80),
        purpose="Điều tra dịch tễ",
        shows_whole=False,
        at=NOON,
        by=user.pk,
    )
    assert [seen.name for seen in traced.people] == [MINH.name, JOHN.name]


@pytest.mark.parametrize(
    "wrong",
    [{"purpose": "xem"}, {"last_at": ASK["first_at"]}, {"last_at": "2024-03-20T13:30"}, {"first_at": "hôm qua"}],
)
def test_a_look_up_without_purpose_or_window_is_not_made(head: Client, wrong) -> None:
    assert head.post(f"{BASE}/trace/", {**ASK, **wrong}).status_code == 422
    assert not Trace.objects.exists()


def test_only_the_head_of_the_unit_and_the_standing_office_may_look_people_up(head: Client) -> None:
    for name, role, unit, status in (
        ("bc", Role.UNIT_REPORTER, UNIT, 403),
        ("ct", Role.CHAIRMAN_OFFICE, "", 403),
        ("kt", Role.AUDITOR, "", 403),
        ("qt", Role.ADMINISTRATOR, "", 403),
    ):
        assert _client(name, role, unit).get(f"{BASE}/trace/").status_code == status


def test_the_auditor_sees_who_looked_up_visitors_and_for_what(head: Client) -> None:
    head.post(f"{BASE}/trace/", ASK)

    text = _client("kt", Role.AUDITOR).get("/pilots/heritage-sites/traces/").content.decode()

    assert ASK["purpose"] in text
    assert "Người ld-son-dong" in text


def test_look_ups_are_found_by_site_person_or_purpose_without_marks(head: Client) -> None:
    head.post(f"{BASE}/trace/", ASK)
    auditor = _client("kt", Role.AUDITOR)

    for words, found in (("tay yen tu", 1), ("dich te", 1), ("nguoi ld", 1), ("Bổ Đà", 0)):
        assert auditor.get("/pilots/heritage-sites/traces/", {"q": words}).context["total"] == found
