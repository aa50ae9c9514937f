"""A small plan whose units change as the real ones do."""

from datetime import date
from typing import Any

from diem06.plan.model import Calendar, Level, Periods, Plan, ReportText, Unit, UnitName


def unit(code: str, name: str = "", **values: Any) -> Unit:
    defaults: dict[str, Any] = {
        "key": code[:12],
        "names": (UnitName(from_day=None, name=name or code, short=name or code),),
        "name_en": code,
        "kind": "department",
        "level": Level.PROVINCE,
        "area": "24",
        "reports": "yes",
    }
    return Unit(code=code, **defaults | values)


UNITS = (
    unit("ubnd-tinh", "Ủy ban nhân dân tỉnh Bắc Giang", reports="no", valid_to=date(2025, 6, 30), successor="bn-ubnd"),
    unit("so-khdt", "Sở Kế hoạch và Đầu tư", parent="ubnd-tinh", valid_to=date(2025, 2, 28), successor="so-tai-chinh"),
    unit(
        "so-tai-chinh",
        names=(
            UnitName(from_day=None, name="Sở Tài chính", short="STC"),
            UnitName(from_day=date(2025, 3, 1), name="Sở Tài chính (mới)", short="STC mới"),
        ),
        parent="ubnd-tinh",
    ),
    unit(
        "ubnd-viet-yen",
        "Ủy ban nhân dân huyện Việt Yên",
        kind="district_committee",
        level=Level.DISTRICT,
        area="222",
        valid_to=date(2024, 1, 31),
        successor="ubnd-tx-viet-yen",
    ),
    unit(
        "ubnd-tx-viet-yen",
        "Ủy ban nhân dân thị xã Việt Yên",
        key="tx-viet-yen",
        kind="district_committee",
        level=Level.DISTRICT,
        area="222",
        valid_from=date(2024, 2, 1),
        valid_to=date(2025, 6, 30),
        successor="bn-ubnd-cap-xa",
    ),
    unit(
        "ubnd-cap-xa",
        "Ủy ban nhân dân {loại và tên xã, phường, thị trấn}",
        key="xa",
        name_en="People's Committee of {commune} (rule)",
        kind="commune_committee_rule",
        level=Level.COMMUNE,
        area="",
        header=("ỦY BAN NHÂN DÂN", "{LOẠI VÀ TÊN}"),
        reports="no",
        valid_to=date(2025, 6, 30),
        successor="bn-ubnd-cap-xa",
    ),
    unit("bn-ubnd", "Ủy ban nhân dân tỉnh Bắc Ninh", reports="no", valid_from=date(2025, 7, 1)),
    unit(
        "bn-ubnd-cap-xa",
        "Ủy ban nhân dân {loại và tên xã, phường}",
        key="bn-xa",
        kind="commune_committee_rule",
        level=Level.COMMUNE,
        area="",
        parent="bn-ubnd",
        reports="no",
        valid_from=date(2025, 7, 1),
    ),
)


def make_plan(units: tuple[Unit, ...] = UNITS) -> Plan:
    lists = "paragraphs clauses pilots groups assignments duties measures labels obligations indicators standing_rules"
    return Plan(
        id="thu",
        key="t",
        version="1",
        title="Kế hoạch thử",
        title_en="Test plan",
        number="",
        issued_on="",
        in_force_from=date(2023, 6, 1),
        issuer="ubnd-tinh",
        steering_unit="ubnd-tinh",
        office_unit="ubnd-tinh",
        lead_unit="ubnd-tinh",
        area="24",
        periods=Periods(calendar=Calendar.ND09, first="2023-07", lock_days=5),
        report=ReportText(title="", opening="", section_heading="", place="", provincial_pilot="", kinds=()),
        units=units,
        **dict.fromkeys(lists.split(), ()),  # type: ignore[arg-type]
    )
