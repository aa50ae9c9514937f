"""
The made-up register: some 140 sites, of which the named ones are real, with equipment that grows month by month.

The department of culture declares how many sites of each commune are at which step. The register tells the same story from
below: as many sites in the same communes, at the same steps at the end of each month, so that both can be laid side by side.
What is declared is read from the declared sources of the roster, so that this pilot knows no other app.
"""

from __future__ import annotations

import io
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import xlsxwriter
from django.db import transaction

from diem06.core.access import Role
from diem06.core.areas.queries import AreaOn, AreaTree, areas_on
from diem06.core.organisation.queries import COMMUNE_COMMITTEE, people_of, units_on
from diem06.core.places.actions import Opening, TermValues
from diem06.core.places.models import Place
from diem06.core.places.queries import area_now, owers_of
from diem06.core.plans.models import Period
from diem06.core.plans.queries import loaded_plan, period
from diem06.core.roster import Grade, as_known, installed_sources
from diem06.pilots.heritage_sites.actions import register
from diem06.pilots.heritage_sites.actions.register import CapacityValues, FestivalValues, StepValues, WayOut
from diem06.pilots.heritage_sites.apps import GATE, POINT, SITE
from diem06.pilots.heritage_sites.models import FestivalCalendar, Step
from diem06.pilots.heritage_sites.models.register import NO_STEP
from diem06.plan.model import Level, Plan
from vnlib.text import fold

SEED = 20230615
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
LISTED_ON = date(2023, 6, 20)
SECOND_LIST_ON = date(2024, 4, 1)
MEASURE = "heritage_sites"
ORDER = (NO_STEP, *Step.values)


@dataclass(frozen=True, kw_only=True)
class Feast:
    """A festival: days and months, first to last."""

    name: str
    first: tuple[int, int]
    last: tuple[int, int]
    calendar: str = FestivalCalendar.LUNAR


@dataclass(frozen=True, kw_only=True)
class Relic:
    """A real relic with some of its points, in the commune where it lay in 2023."""

    code: str
    name: str
    commune: str
    district: str
    points: tuple[str, ...] = ()
    declared: tuple[tuple[str, int], ...] = ()  # a point with the capacity that a paper declares for it
    feast: Feast | None = None
    area_m2: int = 4000


RELICS = (
    Relic(
        code="chua-vinh-nghiem",
        name="Chùa Vĩnh Nghiêm",
        commune="Xã Trí Yên",
        district="Huyện Yên Dũng",
        feast=Feast(name="Lễ hội chùa Vĩnh Nghiêm", first=(12, 2), last=(14, 2)),
        area_m2=6500,
    ),
    Relic(
        code="chua-bo-da",
        name="Chùa Bổ Đà",
        commune="Xã Tiên Sơn",
        district="Huyện Việt Yên",
        points=("Chùa Tứ Ân", "Vườn tháp"),
        feast=Feast(name="Lễ hội chùa Bổ Đà", first=(16, 2), last=(18, 2)),
        area_m2=5200,
    ),
    Relic(
        code="khoi-nghia-yen-the",
        name="Những địa điểm khởi nghĩa Yên Thế",
        commune="Thị trấn Phồn Xương",
        district="Huyện Yên Thế",
        points=("Đồn Phồn Xương", "Đền Thề", "Chùa Lèo", "Đồn Hố Chuối"),
        feast=Feast(
            name="Lễ hội kỷ niệm khởi nghĩa Yên Thế", first=(16, 3), last=(16, 3), calendar=FestivalCalendar.SOLAR
        ),
        area_m2=15000,
    ),
    Relic(
        code="chien-thang-xuong-giang",
        name="Địa điểm chiến thắng Xương Giang",
        commune="Phường Xương Giang",
        district="Thành phố Bắc Giang",
        feast=Feast(name="Lễ hội Xương Giang", first=(6, 1), last=(7, 1)),
        area_m2=12000,
    ),
    Relic(
        code="atk-ii-hiep-hoa",
        name="An toàn khu II Hiệp Hòa",
        commune="Xã Hoàng Vân",
        district="Huyện Hiệp Hòa",
        points=("Đình Vân Xuyên", "Nhà trưng bày"),
        area_m2=3200,
    ),
    Relic(
        code="den-suoi-mo",
        name="Đền Suối Mỡ",
        commune="Xã Nghĩa Phương",
        district="Huyện Lục Nam",
        points=("Đền Hạ", "Đền Trung", "Đền Thượng"),
        declared=(("Đền Hạ", 45),),
        feast=Feast(name="Lễ hội Suối Mỡ", first=(30, 3), last=(2, 4)),
        area_m2=9000,
    ),
    Relic(
        code="tay-yen-tu",
        name="Khu du lịch Tây Yên Tử",
        commune="Thị trấn Tây Yên Tử",
        district="Huyện Sơn Động",
        points=("Chùa Hạ", "Chùa Thượng"),
        feast=Feast(name="Hội xuân Tây Yên Tử", first=(12, 1), last=(15, 1)),
        area_m2=18000,
    ),
)
_SORTS = (("chua", "Chùa"), ("dinh", "Đình"), ("den", "Đền"), ("nghe", "Nghè"))
_VILLAGES = ("Thượng", "Hạ", "Đông", "Đoài", "Nội", "Ngoại", "Trung", "Giữa", "Sen", "Ngò", "Chùa", "Cầu")
_SUPPLIERS = ("Công ty TNHH thiết bị A (giả định)", "Công ty CP giải pháp B (giả định)", "Đơn vị tự mua (giả định)")
_MAKES = ("Máy quét 2D để bàn", "Máy quét 2D cầm tay", "Điện thoại cài ứng dụng bàn kiểm soát")


@dataclass(kw_only=True)
class Slot:
    """A site to be, with the step that it stands at at the end of each month."""

    area: str
    steps: list[str] = field(default_factory=list)
    relic: Relic | None = None
    place: Place | None = None


def build(months: Sequence[str]) -> None:
    """Make the register as it grew over `months` (codes of periods). Without declared numbers only the named relics stand there."""
    plan = loaded_plan().plan
    periods = [found for code in months if (found := period(plan, code)) is not None]
    if not periods:
        return
    with transaction.atomic():
        chance = random.Random(f"{SEED}/heritage")
        keeper = next(iter(owers_of((MEASURE,), plan, on=LISTED_ON)), plan.lead_unit)
        person = next((one.user_id for one in people_of(keeper, LISTED_ON) if one.role is Role.UNIT_REPORTER), None)
        slots = _slots(plan, periods)
        _make_sites(slots, keeper=keeper, person=person, chance=chance)
        sites = [slot.place for slot in slots if slot.place is not None]
        _adopt(plan, sites, number="35/QĐ-SVHTTDL", on=LISTED_ON, person=person)
        for index, here in enumerate(periods):
            _grow(slots, index, here, person=person, chance=chance)
        if periods[-1].last_day >= SECOND_LIST_ON:
            _second_list(plan, slots, keeper=keeper, person=person)


# -- how many sites stand where, at which step -----------------------------------------------------------------------
def _slots(plan: Plan, periods: Sequence[Period]) -> list[Slot]:
    first = periods[0].last_day
    declared = _declared(first)
    tree = areas_on(first)
    slots = [
        Slot(area=area, steps=[step])
        for area in sorted(declared)
        for step in _sorted_steps(declared[area])
        if area in tree and area != plan.area
    ]
    _place_relics(slots, tree)
    for here in periods[1:]:
        _next_month(slots, tree, here.last_day)
    return slots


def _declared(day: date) -> dict[str, dict[str, int]]:
    """Return how many sites are declared of each commune at each step on a day."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for source in installed_sources():
        if source.grade is Grade.DECLARED:
            for area, dimensions, value in (
                source.facts(day, day)
                .filter(as_known(None), measure=MEASURE)
                .values_list("area", "dimensions", "value")
            ):
                found[area][dimensions.removeprefix("equipment_step=")] = value
    return found


def _sorted_steps(counts: Mapping[str, int]) -> list[str]:
    """Return one step for each thing counted, the furthest first."""
    return [step for step in reversed(ORDER) for _ in range(counts.get(step, 0))]


def _place_relics(slots: list[Slot], tree: AreaTree) -> None:
    """Give each relic a slot of its commune; where there is none, one of its district moves there."""
    for relic in RELICS:
        area = _commune(tree, relic)
        if area is None:
            continue
        free = [slot for slot in slots if slot.relic is None]
        near = [slot for slot in free if slot.area == area.code]
        near = near or [slot for slot in free if tree.get(slot.area).parent == area.parent]
        if near:
            near[0].area, near[0].relic = area.code, relic
        else:
            slots.append(Slot(area=area.code, steps=[NO_STEP], relic=relic))


def _commune(tree: AreaTree, relic: Relic) -> AreaOn | None:
    return next(
        (
            area
            for area in tree
            if area.level == Level.COMMUNE
            and area.name == relic.commune
            and tree.get(area.parent).name == relic.district
        ),
        None,
    )


def _next_month(slots: list[Slot], tree: AreaTree, day: date) -> None:
    """
    Let each site go as far as is declared at the end of the next month, never back.

    Communes are put together with those that a relic was moved between: within a district the numbers stay those declared.
    """
    declared = _declared(day)
    then = areas_on(day)
    steps: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for area, counts in declared.items():
        if area in then:
            for step, count in counts.items():
                steps[then.get(area).parent][step] += count
    groups: dict[str, list[Slot]] = defaultdict(list)
    for slot in slots:
        now = area_now(slot.area, tree.get(slot.area).valid_from, day)
        groups[then.get(now).parent if now in then else ""].append(slot)
    for district, here in groups.items():
        here.sort(key=lambda slot: (-ORDER.index(slot.steps[-1]), slot.relic is None))
        wanted = _sorted_steps(steps[district])
        for index, slot in enumerate(here):
            last = slot.steps[-1]
            next_step = wanted[index] if index < len(wanted) else last
            slot.steps.append(max(last, next_step, key=ORDER.index))


# -- sites -----------------------------------------------------------------------------------------------------------
def _make_sites(slots: Sequence[Slot], *, keeper: str, person: int | None, chance: random.Random) -> None:
    day, at = LISTED_ON - timedelta(days=5), _at(LISTED_ON - timedelta(days=4))
    tree = areas_on(day)
    committees = {unit.area: code for code, unit in units_on(day).items() if unit.kind == COMMUNE_COMMITTEE}
    seen: dict[str, int] = defaultdict(int)
    for number, slot in enumerate(slots):
        area = tree.get(slot.area)
        seen[slot.area] += 1
        code, name = (slot.relic.code, slot.relic.name) if slot.relic else _name(area, seen[slot.area], chance)
        unit = keeper if slot.relic else committees.get(slot.area, keeper)
        values = TermValues(name=name, area=slot.area, unit=unit)
        slot.place = register.add_place(kind=SITE, code=code, from_day=day, values=values, at=at, by=person)
        inside = _parts(slot.place, slot.relic, values, day=day, at=at, person=person, big=number % 4 == 0)
        if slot.relic or number % 3 == 0:
            size = slot.relic.area_m2 if slot.relic else 400 + 50 * chance.randrange(30)
            for place, share in ((slot.place, 1), *((point, len(inside)) for point in inside)):
                _capacity(place, size // share, day=day, at=at, person=person)
            _declare(slot.relic, inside, day=day + timedelta(days=2), at=at, person=person)
        if slot.relic or number % 2 == 0:
            openings = [Opening(weekday=weekday, opens=time(7), closes=time(17, 30)) for weekday in range(7)]
            register.set_hours(place=slot.place, from_day=day, openings=openings, at=at, by=person)
        feast = slot.relic.feast if slot.relic else _village_feast(name, number, chance)
        if feast:
            _feast(slot.place, feast, at=at, person=person)
    for slot in slots:
        if slot.relic and slot.place and slot.relic.code in ("tay-yen-tu", "den-suoi-mo"):
            register.set_rule(
                site=slot.place,
                from_day=day,
                retention_days=14,
                default_stay_minutes=240,
                reset_at=time(3),
                at=at,
                by=person,
            )


def _name(area: AreaOn, number: int, chance: random.Random) -> tuple[str, str]:
    key, word = _SORTS[chance.randrange(len(_SORTS))]
    short = area.short_name
    village = _VILLAGES[chance.randrange(len(_VILLAGES))]
    name = f"{word} làng {village}, {short}" if number > 1 or key in ("dinh", "nghe") else f"{word} {short}"
    slug = re.sub(r"[^a-z0-9]+", "-", fold(short)).strip("-")[:16].strip("-")
    return f"{key}-{slug}-{area.code}-{number}", name


def _parts(
    site: Place,
    relic: Relic | None,
    values: TermValues,
    *,
    day: date,
    at: datetime,
    person: int | None,
    big: bool,
) -> list[Place]:
    """Make the points of a relic, and the gates: one for each point, one or two of the site. Returns the points."""
    points = []
    for number, name in enumerate(relic.points if relic else (), start=1):
        inner = TermValues(name=name, area=values.area, unit=values.unit)
        point = register.add_place(
            kind=POINT, code=f"{site.code[:26]}-{number}", parent=site, from_day=day, values=inner, at=at, by=person
        )
        points.append(point)
    gates = [(point, 1, f"Cổng {name}") for point, name in zip(points, relic.points if relic else (), strict=True)]
    gates += [(site, 1, "Cổng chính")] + ([(site, 2, "Cổng phụ")] if big or (relic and not points) else [])
    for parent, number, name in gates:
        inner = TermValues(name=name, area=values.area, unit=values.unit)
        code = f"{parent.code[:28]}-c{number}"
        register.add_place(kind=GATE, code=code, parent=parent, from_day=day, values=inner, at=at, by=person)
    return points


def _capacity(place: Place, area_m2: int, *, day: date, at: datetime, person: int | None) -> None:
    widths = (Decimal(4), Decimal(3), Decimal("2.5")) if area_m2 >= 3000 else (Decimal(3), Decimal("1.8"))
    values = CapacityValues(
        usable_area_m2=area_m2,
        exits=tuple(WayOut(name=f"Lối {number}", width_m=width) for number, width in enumerate(widths, start=1)),
        escape_minutes=Decimal(8),
    )
    register.set_capacity(place=place, from_day=day, values=values, at=at, by=person)


def _declare(relic: Relic | None, points: Sequence[Place], *, day: date, at: datetime, person: int | None) -> None:
    """Let a paper declare how many a small building holds: the alarm of the demo is raised there."""
    named = dict(zip(relic.points if relic else (), points, strict=True))
    for name, people in relic.declared if relic else ():
        values = CapacityValues(declared=people, document=f"Biên bản số 04/BB-QLDT ngày {day:%d/%m/%Y} (giả định)")
        register.set_capacity(place=named[name], from_day=day, values=values, at=at, by=person)


def _village_feast(name: str, number: int, chance: random.Random) -> Feast | None:
    if number % 6:
        return None
    day, month = 2 + chance.randrange(20), 1 + chance.randrange(3)
    return Feast(name=f"Hội {name}", first=(day, month), last=(day + 1, month))


def _feast(site: Place, feast: Feast, *, at: datetime, person: int | None) -> None:
    values = FestivalValues(
        name=feast.name,
        calendar=feast.calendar,
        first_day=feast.first[0],
        first_month=feast.first[1],
        last_day=feast.last[0],
        last_month=feast.last[1],
    )
    register.add_festival(site=site, values=values, at=at, by=person)


# -- base list, equipment --------------------------------------------------------------------------------------------
def _adopt(plan: Plan, sites: Sequence[Place], *, number: str, on: date, person: int | None) -> None:
    register.adopt_list(
        plan=plan,
        number=number,
        signed_on=on,
        from_day=on,
        title="Danh mục khu di tích, địa điểm tham quan du lịch thuộc phạm vi mô hình (giả định)",
        sites=sites,
        content=_document(sites, number, on),
        file_name=f"danh-muc-di-tich-{on:%Y-%m-%d}.xlsx",
        at=_at(on),
        by=person,
    )


def _document(sites: Sequence[Place], number: str, on: date) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"created": datetime(2023, 6, 1)})  # noqa: DTZ001  the file format knows no zone
    page = book.add_worksheet("Danh mục")
    page.write_string(0, 0, f"Danh mục kèm văn bản số {number} ngày {on:%d/%m/%Y} (giả định)")
    for row, site in enumerate(sites, start=1):
        page.write_number(row, 0, row)
        page.write_string(row, 1, site.code)
    book.close()
    return buffer.getvalue()


def _grow(slots: Sequence[Slot], index: int, here: Period, *, person: int | None, chance: random.Random) -> None:
    """Record what was reached in one month: every step on the way, on days of that month."""
    steps = [
        pair for slot in slots if slot.place is not None for pair in _reached(slot.place, slot, index, here, chance)
    ]
    if steps:
        register.record_steps(steps=steps, at=_at(here.last_day), by=person)


def _reached(
    place: Place, slot: Slot, index: int, here: Period, chance: random.Random
) -> Iterator[tuple[Place, StepValues]]:
    before = ORDER.index(slot.steps[index - 1]) if index else 0
    reached = ORDER[before + 1 : ORDER.index(slot.steps[index]) + 1]
    if not reached:
        return
    first = max(here.first_day, place.valid_from)
    last = (here.last_day - first).days
    days = sorted(chance.randrange(last + 1) for _ in reached)
    supplier, make = chance.choice(_SUPPLIERS), chance.choice(_MAKES)
    for step, offset in zip(reached, days, strict=True):
        day = first + timedelta(days=offset)
        has_device = ORDER.index(step) >= ORDER.index(Step.BOUGHT)
        yield (
            place,
            StepValues(
                step=step,
                day=day,
                quantity=2 if slot.relic else 1,
                supplier=supplier if has_device else "",
                make=make if has_device else "",
                serial=f"DEMO-{place.pk:04}" if step in (Step.INSTALLED, Step.CONFIRMED) else "",
                document=f"Biên bản ngày {day:%d/%m/%Y}" if step == Step.CONFIRMED else "",
            ),
        )


def _second_list(plan: Plan, slots: Sequence[Slot], *, keeper: str, person: int | None) -> None:
    """A year on, one site without equipment leaves the list and another comes in."""
    goes = next((slot for slot in reversed(slots) if slot.relic is None and slot.steps[-1] != Step.CONFIRMED), None)
    if goes is None or goes.place is None:
        return
    tree = areas_on(SECOND_LIST_ON)
    area = area_now(goes.area, areas_on(LISTED_ON).get(goes.area).valid_from, SECOND_LIST_ON)
    if area not in tree:
        return
    values = TermValues(name=f"Đền Mới, {tree.get(area).short_name}", area=area, unit=keeper)
    day = SECOND_LIST_ON - timedelta(days=10)
    comes = register.add_place(kind=SITE, code="den-moi", from_day=day, values=values, at=_at(day), by=person)
    stay = [slot.place for slot in slots if slot.place is not None and slot is not goes]
    _adopt(plan, [*stay, comes], number="18/QĐ-SVHTTDL", on=SECOND_LIST_ON, person=person)


def _at(day: date) -> datetime:
    return datetime.combine(day, time(16, 30), VIETNAM)
