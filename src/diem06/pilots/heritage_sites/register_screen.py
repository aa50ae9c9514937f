"""What the pages of the register show, as typed objects."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import xlsxwriter
from django.db.models import F, Max, QuerySet
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diem06.core.areas.queries import areas_on
from diem06.core.organisation.queries import units_on
from diem06.core.places.models import Place
from diem06.core.places.queries import PlaceOn, Reach, hours_on, names_of_areas, place_on, places_on, terms_on
from diem06.pilots.heritage_sites.apps import GATE, POINT, SITE
from diem06.pilots.heritage_sites.capacity import Computed
from diem06.pilots.heritage_sites.models import Capacity, Festival, FestivalCalendar, Occupancy, Step
from diem06.pilots.heritage_sites.models.register import NO_STEP
from diem06.pilots.heritage_sites.queries import register
from diem06.pilots.heritage_sites.visit_rules import ONE_DAY
from diem06.pilots.heritage_sites.visits_screen import Inside, inside_from
from diem06.plan.model import Level
from vnlib.text import fold, sort_key

NO_STEP_WORDS: Final = gettext_lazy("Chưa khảo sát")
SORTS: Final = ("name", "area", "unit", "points", "step", "crowd")
_ORDER: Final = [NO_STEP, *Step.values]
_TONES: Final = {NO_STEP: "none", Step.CONFIRMED: "met", Step.INSTALLED: "on"}


def step_words(step: str) -> str:
    return str(NO_STEP_WORDS if step == NO_STEP else Step(step).label)


@dataclass(frozen=True, kw_only=True)
class SiteRow:
    """A site in the list."""

    site: PlaceOn
    area: str
    district: str  # code of the area above the commune
    unit: str
    step: str
    points: int
    is_listed: bool
    crowd: Inside | None  # who is there now; None: its gates have not counted today
    alarm: int  # the highest of the site and its points

    @property
    def step_words(self) -> str:
        return step_words(self.step)

    @property
    def tone(self) -> str:
        return _TONES.get(self.step, "below")

    @property
    def icon(self) -> str:
        return {NO_STEP: "circle-dashed", Step.CONFIRMED: "circle-check"}.get(self.step, "circle-arrow-down")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the list is narrowed to. `words` is found with or without its marks."""

    words: str = ""
    area: str = ""
    step: str = ""
    scope: str = ""
    crowd: str = ""
    sort: str = "name"


def site_rows(reach: Reach, at: datetime) -> list[SiteRow]:
    """Return every site that the person reaches, by name. Seven queries, however many sites."""
    day = localdate(at)
    sites = [site for site in places_on(day, kinds=(SITE,)) if reach.covers(site)]
    ids = [site.id for site in sites]
    listed = set(register.sites_in_scope(day))
    steps, points = register.steps_on(ids, day), register.point_counts(ids, day)
    where, units, tree = names_of_areas(sites, day), units_on(day), areas_on(day)
    # Of all sites, whoever asks: thousands of ids in a question cost more than the rows that it saves.
    crowds = {row.place_id: row for row in _counting(at).filter(place=F("site")).defer("began_at", "counted_since")}
    alarms = dict(_counting(at).filter(alarm__gt=0).values_list("site").annotate(Max("alarm")).order_by())
    return [
        SiteRow(
            site=site,
            area=where[site.id],
            district=tree.get(site.area_now).parent if site.area_now in tree else "",
            unit=units[site.unit_code].short if site.unit_code in units else site.unit_code,
            step=steps[site.id],
            points=points[site.id],
            is_listed=site.id in listed,
            crowd=inside_from(crowds[site.id]) if site.id in crowds else None,
            alarm=alarms.get(site.id, 0),
        )
        for site in sites
    ]


def _counting(at: datetime) -> QuerySet[Occupancy]:
    """Return the counts of sites whose day runs; what an older day left over tells nothing of now."""
    return Occupancy.objects.filter(began_at__gt=at - ONE_DAY)


@dataclass(frozen=True, kw_only=True)
class CrowdLine:
    """A site or point whose alarm stands. `within`: the site of a point, empty for a site."""

    site_code: str
    name: str
    within: str
    inside: Inside


def crowded(sites: Collection[int], at: datetime) -> list[CrowdLine]:
    """Return the sites and points whose alarm stands, the fullest first. Three queries."""
    rows = list(_counting(at).filter(site__in=sites, alarm__gt=0).select_related("site"))
    names = terms_on({place for row in rows for place in (row.place_id, row.site_id)}, localdate(at))
    lines = [
        CrowdLine(
            site_code=row.site.code,
            name=names[row.place_id].name,
            within="" if row.place_id == row.site_id else names[row.site_id].name,
            inside=inside_from(row),
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: (-line.inside.alarm, -(line.inside.percent or 0), line.name))


def narrowed(rows: Iterable[SiteRow], choice: Choice) -> list[SiteRow]:
    """Keep what the filter asks for, in its order. Names that match with their marks stand before those that match without."""
    words = choice.words.strip()
    key = fold(words)
    found = [
        row
        for row in rows
        if key in row.site.search_key
        and (not choice.area or choice.area in (row.site.area_now, row.district))
        and (not choice.step or row.step == choice.step)
        and (not choice.scope or row.is_listed == (choice.scope == "in"))
        and (not choice.crowd or (row.alarm > 0 if choice.crowd == "alarm" else row.crowd is not None))
    ]
    name = choice.sort.removeprefix("-")
    if name == "area":
        found.sort(key=lambda row: (row.district, row.area, row.site.sort_key))
    elif name == "unit":
        found.sort(key=lambda row: (sort_key(row.unit), row.site.sort_key))
    elif name == "points":
        found.sort(key=lambda row: (row.points, row.site.sort_key))
    elif name == "crowd":
        found.sort(key=lambda row: (row.alarm, row.crowd.people if row.crowd else -1))
    elif name == "step":
        found.sort(key=lambda row: (_ORDER.index(row.step), row.site.sort_key))
    if choice.sort.startswith("-"):
        found.reverse()
    if words:
        found.sort(key=lambda row: words.lower() not in row.site.name.lower())
    return found


def area_choices(rows: Iterable[SiteRow], day: date) -> list[tuple[str, str]]:
    """Return the districts, or where there are none the communes, in which the sites lie."""
    tree = areas_on(day)
    codes = set()
    for row in rows:
        above = row.district
        if above in tree and tree.get(above).level == Level.PROVINCE:
            above = row.site.area_now
        if above in tree:
            codes.add(above)
    return [("", _("Mọi địa bàn")), *((area.code, area.name) for area in tree if area.code in codes)]


def workbook(rows: Sequence[SiteRow], at: datetime) -> bytes:
    """Return the list as an Excel file: the columns of the page, A4 landscape, its head on every page."""
    day, buffer = localdate(at), io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    page = book.add_worksheet(_("Di tích")[:31])
    bold = book.add_format({"bold": True, "text_wrap": True, "border": 1})
    cell = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    page.write_string(
        0, 0, _("Di tích, điểm tham quan ngày %(day)s") % {"day": f"{day:%d/%m/%Y}"}, book.add_format({"bold": True})
    )
    heads = (
        _("Mã"),
        _("Tên"),
        _("Địa bàn"),
        _("Đơn vị quản lý"),
        _("Số điểm"),
        _("Trang bị"),
        _("Trong danh mục"),
        _("Đang ở trong lúc %(at)s") % {"at": f"{localtime(at):%H:%M}"},
        _("Sức chứa"),
    )
    for column, (head, width) in enumerate(zip(heads, (22, 40, 36, 26, 9, 22, 14, 12, 10), strict=True)):
        page.set_column(column, column, width)
        page.write_string(2, column, head, bold)
    for line, row in enumerate(rows, start=3):
        listed = _("Có") if row.is_listed else _("Không")
        words: tuple[str | int, ...] = (
            row.site.code,
            row.site.name,
            row.area,
            row.unit,
            row.points,
            row.step_words,
            listed,
            row.crowd.people if row.crowd else "",
            (row.crowd.capacity if row.crowd else None) or "",
        )
        for column, value in enumerate(words):
            if isinstance(value, int):
                page.write_number(line, column, value, cell)
            else:
                page.write_string(line, column, value, cell)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(2)
    page.freeze_panes(3, 2)
    book.close()
    return buffer.getvalue()


# -- one site --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class CapacityShown:
    """The capacity of a site or point with its arithmetic; `row` None: not recorded."""

    place: PlaceOn
    row: Capacity | None
    computed: Computed | None
    people: int | None


@dataclass(frozen=True, kw_only=True)
class Part:
    """A point or gate in the tree of a site."""

    place: PlaceOn
    is_point: bool
    depth: int


@dataclass(frozen=True, kw_only=True)
class FestivalShown:
    """A festival with the days on which it falls this year and the next."""

    festival: Festival
    said: str
    falls: tuple[register.FestivalDays, ...]


def parts_of(site: Place, day: date) -> list[Part]:
    """Return points and gates of a site as a tree in reading order: each point with its gates, then the site's own gates."""
    points, gates = register.points_of(site, day), register.gates_of_site(site, day)
    found: list[Part] = []
    for point in points:
        found.append(Part(place=point, is_point=True, depth=0))
        found += [Part(place=gate, is_point=False, depth=1) for gate in gates if gate.parent_id == point.id]
    found += [Part(place=gate, is_point=False, depth=0) for gate in gates if gate.parent_id == site.pk]
    return found


def capacities_of(site: Place, parts: Iterable[Part], day: date) -> list[CapacityShown]:
    """Return the capacity of a site, then of its points."""
    inside = [part.place for part in parts if part.is_point]
    rows = register.capacity_rows([site.pk, *(place.id for place in inside)], day)
    return [_capacity(place, rows.get(place.id)) for place in (place_on(site, day), *inside)]


def _capacity(place: PlaceOn, row: Capacity | None) -> CapacityShown:
    found = register.arithmetic(row) if row else None
    people = found.people if found else row.declared if row else None
    return CapacityShown(place=place, row=row, computed=found, people=people)


def festivals_of(site: Place, day: date) -> list[FestivalShown]:
    """Return the festivals of a site with their days of this year and the next."""
    return [
        FestivalShown(
            festival=festival,
            said=_said(festival),
            falls=tuple(register.days_of(festival, year) for year in (day.year, day.year + 1)),
        )
        for festival in Festival.objects.filter(place=site)
    ]


def _said(festival: Festival) -> str:
    first, last = f"{festival.first_day}/{festival.first_month}", f"{festival.last_day}/{festival.last_month}"
    days = first if first == last else _("%(first)s đến %(last)s") % {"first": first, "last": last}
    return f"{days} {str(FestivalCalendar(festival.calendar).label).lower()}"


def week_of(site: Place, day: date) -> list[tuple[int, str]]:
    """Return the opening hours of a week in words, by day of the week; empty where they are not known."""
    hours = hours_on(site, day)
    if hours is None:
        return []
    return [
        (weekday, "; ".join(f"{one.opens:%H:%M}-{one.closes:%H:%M}" for one in openings))
        for weekday, openings in hours.items()
    ]


def places_to_choose(site: Place, day: date, *, with_points: bool = True) -> list[tuple[str, str]]:
    """Return a site and its points as choices."""
    points = register.points_of(site, day) if with_points else []
    return [(str(site.pk), place_on(site, day).name), *((str(point.id), point.name) for point in points)]


def kinds_to_choose(kinds: Mapping[str, object]) -> list[tuple[str, str]]:
    return [(code, str(words)) for code, words in kinds.items() if code in (POINT, GATE)]
