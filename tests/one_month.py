"""A diem06 in its first month: the report of Tân Yên is open and has its reporter. For tests with a server of their own."""

UNIT = "ubnd-tan-yen"
PASSWORD = "mot-mat-khau-dai"

SET_UP = f"""
from datetime import date
from django.conf import settings
from diem06.config.clock import set_clock
from datetime import datetime
from zoneinfo import ZoneInfo
set_clock(settings.DIEM06_DATA, datetime(2023, 7, 13, 8, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh")))
from diem06.core.access import Role
from diem06.core.organisation.actions import add_person, give_role
from diem06.core.plans.actions import load_plan
from diem06.core.plans.queries import loaded_plan, period
from diem06.plan.reader import bundle_path
from diem06.reports.actions import open_reports
now = settings.DIEM06_CLOCK()
load_plan(folder=bundle_path("bac-giang-2023"), at=now, is_made_up=True)
plan = loaded_plan().plan
open_reports(period=period(plan, "2023-07"), plan=plan, at=now)
user = add_person(username="ha", full_name="Nguyễn Thị Hà", password="{PASSWORD}")
give_role(user=user, role=Role.UNIT_REPORTER, unit="{UNIT}", from_day=date(2023, 6, 15))
"""
CELLS = f"""
import json
from diem06.core.plans.queries import loaded_plan
from diem06.reports.entry_form import owed_cells
from diem06.reports.models import Report
report = Report.objects.get(unit="{UNIT}", period__code="2023-07")
print(json.dumps(list(owed_cells(report, loaded_plan().plan))))
"""
VALUES = f"""
import json
from diem06.reports.actions import current_values
from diem06.reports.entry_form import field_name
from diem06.reports.models import Report
report = Report.objects.get(unit="{UNIT}", period__code="2023-07")
print(json.dumps({{field_name(cell): value.value for cell, value in current_values(report).items()}}))
"""
