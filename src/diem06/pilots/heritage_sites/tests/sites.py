"""Sites for the tests: the real plan, and a few made-up relics in real communes."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from diem06.core.areas.queries import areas_on
from diem06.core.places.actions import TermValues
from diem06.core.places.models import Place
from diem06.core.plans.actions import load_plan
from diem06.core.plans.queries import Loaded, loaded_plan
from diem06.pilots.heritage_sites.actions import register
from diem06.pilots.heritage_sites.apps import SITE
from diem06.plan.reader import bundle_path

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
FIRST = date(2023, 6, 15)
AT = datetime(2023, 7, 13, 16, 40, tzinfo=VIETNAM)
TRI_YEN, TIEN_SON = "07708", "07795"
"""Communes of the districts Yên Dũng and Việt Yên in 2023."""
KEEPER = "so-vhttdl"


def loaded_in_use() -> Loaded:
    load_plan(folder=bundle_path("bac-giang-2023"), at=AT, is_made_up=True)
    return loaded_plan()


def commune(name: str, day: date = FIRST) -> str:
    """Return the code of a commune by its name with its type."""
    return next(area.code for area in areas_on(day) if area.level == "commune" and area.name == name)


def a_site(
    code: str = "chua-mau", *, area: str = "", name: str = "Chùa Mẫu", unit: str = KEEPER, at: datetime = AT
) -> Place:
    values = TermValues(name=name, area=area or commune("Xã Trí Yên"), unit=unit)
    return register.add_place(kind=SITE, code=code, from_day=FIRST, values=values, at=at, by=None)


def adopted(sites: list[Place], *, from_day: date = FIRST, number: str = "12/QĐ-SVHTTDL", at: datetime = AT) -> None:
    register.adopt_list(
        plan=loaded_plan().plan,
        number=number,
        signed_on=from_day,
        from_day=from_day,
        title="Danh mục di tích thuộc phạm vi mô hình",
        sites=sites,
        at=at,
        by=None,
    )
