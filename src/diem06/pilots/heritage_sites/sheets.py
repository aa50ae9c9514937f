"""The Excel lists of the register: sites, points and gates, steps of equipment. The scope is the unit that brings them."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diem06.core.access import Predicate, Subject
from diem06.core.places.access import KEEPERS
from diem06.core.places.actions import CODE, LONGEST_CODE
from diem06.core.sheets.columns import Column, Kind
from diem06.core.sheets.declared import ListSheet
from diem06.pilots.heritage_sites.actions import register_sheets as actions
from diem06.pilots.heritage_sites.apps import GATE, POINT
from diem06.pilots.heritage_sites.models import Step
from diem06.pilots.heritage_sites.queries import register_sheets as queries


def _keeps_for(kwarg: str) -> Predicate:
    """Heads and reporters of the very unit of the address, if it keeps any sites."""

    def predicate(subject: Subject, **url: object) -> bool:
        unit = str(url[kwarg])
        if unit not in subject.units_as(*KEEPERS):
            return False
        reach = queries.reach_of(unit)
        return reach.is_all or bool(reach.areas)

    predicate.__name__ = f"keeps_for({kwarg})"
    return predicate


def _is_a_code(code: str) -> str:
    if CODE.fullmatch(code) and len(code) <= LONGEST_CODE:
        return ""
    return _("Mã chỉ có chữ thường không dấu, chữ số, gạch nối; dài nhất 32 ký tự.")


def _at_least_one(number: int) -> str:
    return "" if number >= 1 else _("Số lượng từ 1 trở lên.")


CODE_COLUMN = Column(key="code", head=gettext_lazy("Mã di tích"), kind=Kind.TEXT, required=True, most=32, width=24)
FROM_DAY = Column(key="from_day", head=gettext_lazy("Từ ngày"), kind=Kind.DATE, required=True, width=12)
DOCUMENT = Column(key="document", head=gettext_lazy("Văn bản"), kind=Kind.TEXT, most=200, width=24)
NAME = Column(key="name", head=gettext_lazy("Tên"), kind=Kind.TEXT, required=True, most=200, width=36)

SHEETS = (
    ListSheet(
        code="heritage_sites.sites",
        title=gettext_lazy("Di tích, điểm tham quan"),
        columns=(
            Column(
                key="code",
                head=gettext_lazy("Mã di tích"),
                kind=Kind.TEXT,
                required=True,
                most=32,
                width=24,
                checks=(_is_a_code,),
            ),
            NAME,
            Column(
                key="area", head=gettext_lazy("Xã, phường"), kind=Kind.AREA, level="commune", required=True, width=24
            ),
            Column(key="unit", head=gettext_lazy("Đơn vị quản lý"), kind=Kind.UNIT, required=True, width=26),
            Column(key="address", head=gettext_lazy("Địa chỉ"), kind=Kind.TEXT, most=200, width=26),
            FROM_DAY,
            DOCUMENT,
        ),
        key=("code",),
        access=_keeps_for("scope"),
        known_rows=queries.known_sites,
        load_rows=actions.load_sites,
        undo_rows=actions.take_back_places,
        row_checks=(queries.fault_of_site,),
        scope_words=queries.unit_words,
    ),
    ListSheet(
        code="heritage_sites.parts",
        title=gettext_lazy("Điểm thành phần và cổng"),
        columns=(
            Column(
                key="kind",
                head=gettext_lazy("Loại"),
                kind=Kind.CHOICE,
                required=True,
                choices=((POINT, gettext_lazy("Điểm thành phần")), (GATE, gettext_lazy("Cổng"))),
            ),
            Column(
                key="code",
                head=gettext_lazy("Mã"),
                kind=Kind.TEXT,
                required=True,
                most=32,
                width=24,
                checks=(_is_a_code,),
            ),
            Column(
                key="within",
                head=gettext_lazy("Nằm trong (mã)"),
                kind=Kind.TEXT,
                required=True,
                most=32,
                width=24,
                help=gettext_lazy("Mã di tích; với cổng còn có thể là mã điểm thành phần"),
            ),
            NAME,
            FROM_DAY,
            DOCUMENT,
        ),
        key=("kind", "code"),
        access=_keeps_for("scope"),
        known_rows=queries.known_parts,
        load_rows=actions.load_parts,
        undo_rows=actions.take_back_places,
        row_checks=(queries.fault_of_part,),
        scope_words=queries.unit_words,
    ),
    ListSheet(
        code="heritage_sites.steps",
        title=gettext_lazy("Bước trang bị"),
        columns=(
            CODE_COLUMN,
            Column(
                key="step",
                head=gettext_lazy("Bước"),
                kind=Kind.CHOICE,
                required=True,
                choices=tuple(Step.choices),
                width=22,
            ),
            Column(key="day", head=gettext_lazy("Ngày xong"), kind=Kind.DATE, required=True, width=12),
            Column(
                key="quantity",
                head=gettext_lazy("Số thiết bị"),
                kind=Kind.WHOLE,
                required=True,
                checks=(_at_least_one,),
                width=10,
            ),
            Column(key="supplier", head=gettext_lazy("Nhà cung cấp"), kind=Kind.TEXT, most=150, width=24),
            Column(key="make", head=gettext_lazy("Hãng, kiểu máy"), kind=Kind.TEXT, most=100, width=22),
            Column(key="serial", head=gettext_lazy("Số máy"), kind=Kind.TEXT, most=200, width=18),
            DOCUMENT,
        ),
        key=("code", "step"),
        access=_keeps_for("scope"),
        known_rows=queries.known_steps,
        load_rows=actions.load_steps,
        undo_rows=actions.take_back_steps,
        row_checks=(queries.fault_of_step,),
        scope_words=queries.unit_words,
    ),
)
