"""How the numbers of a figure are written on the pages of this room, and where they lead."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from diem06.core.plans.models import Period
from diem06.core.plans.queries import loaded_plan
from diem06.core.ui import numbers
from diem06.core.ui.templatetags.ui import status
from diem06.core.ui.words import STANDINGS
from diem06.cube.closing.restatements import Restatement
from diem06.cube.figures import Figure
from diem06.plan.model import Indicator
from diem06.reports.screens import beside as other_sources
from diem06.reports.screens import outlook, places
from diem06.reports.screens.unit_kinds import KindRow, by_unit_kind

register = template.Library()


@register.filter
def period_name(period: Period) -> str:
    """«12/2023»."""
    return outlook.period_name(period)


@register.filter
def period_month(period: Period) -> str:
    """«12»: for a column's head, where the year is known."""
    return str(int(period.code[5:]))


@register.filter
def value_words(figure: Figure) -> str:
    """«67,5%», «1.234», «≈ 1.234» of an estimate, «—»."""
    return places.value_words(figure)


@register.filter
def target_words(figure: Figure) -> str:
    """«70%», «120»; empty without a target."""
    if figure.target is None:
        return ""
    return numbers.percent(figure.target, None) if figure.is_ratio else numbers.number(figure.target)


@register.filter
def count_words(figure: Figure) -> str:
    """«141/220»; empty for a count."""
    if not figure.is_ratio or figure.numerator is None:
        return ""
    return f"{numbers.number(figure.numerator)}/{numbers.number(figure.denominator)}"


@register.filter
def gap_words(figure: Figure) -> str:
    """«452.954», «vượt 31», «0», «—»: counted things that are missing."""
    if figure.gap is None:
        return numbers.NO_VALUE
    words = numbers.number(abs(figure.gap), 0)
    return _("vượt %(number)s") % {"number": words} if numbers.rounded(figure.gap, 0) < 0 else words


@register.filter
def pace_words(pace: Decimal | None, figure: Figure) -> str:
    """«+0,6»: points of a ratio, things of a count."""
    if pace is None:
        return numbers.NO_VALUE
    return numbers.signed(pace * 100, 1) if figure.is_ratio else numbers.signed(pace, 0)


@register.filter
def late_words(by: timedelta | None) -> str:
    """«8 giờ», «3 ngày»: how long after the due time."""
    if by is None:
        return ""
    hours = int(by.total_seconds() // 3600)
    if hours < 48:
        return ngettext("%(count)s giờ", "%(count)s giờ", max(hours, 1)) % {"count": max(hours, 1)}
    return ngettext("%(count)s ngày", "%(count)s ngày", hours // 24) % {"count": hours // 24}


@register.filter
def size_words(restated: Restatement) -> str:
    """«+0,52 điểm phần trăm, +0,8%»: how much a figure grew since it was closed, and relative to what it was."""
    if restated.size is None:
        return _("trước %(before)s") % {"before": value_words(restated.closed)}
    if not restated.size:
        return _("giá trị không đổi")
    if restated.closed.is_ratio and not numbers.rounded(restated.size * 100, 2):
        return _("chưa đến 0,01 điểm phần trăm")
    if restated.closed.is_ratio:
        grown = _("%(points)s điểm phần trăm") % {"points": numbers.signed(restated.size * 100, 2)}
    else:
        grown = numbers.signed(restated.size)
    if restated.relative is None or not numbers.rounded(restated.relative * 100, 1):
        return grown
    return f"{grown}, {numbers.signed(restated.relative * 100, 1)}%"


@register.filter
def why_words(restated: Restatement) -> str:
    """Why it was restated: how many facts came or went, and when the last one did."""
    if restated.is_of_plan:
        return _("Kế hoạch được sửa đổi sau chốt.")
    count = len(restated.facts)
    at = timezone.localtime(restated.facts[0].changed_at)
    words = ngettext(
        "%(n)s số liệu ghi sau chốt, lúc %(at)s.", "%(n)s số liệu ghi sau chốt, lần cuối lúc %(at)s.", count
    )
    return words % {"n": numbers.number(count), "at": f"{at:%H:%M %d/%m/%Y}"}


@register.filter
def figure_url(figure: Figure) -> str:
    """The page that explains a figure; one of another day's map has its own, with the areas that it is made of."""
    if figure.map_day and figure.area and "@" in figure.key:
        return reverse("map-figure", args=[figure.map_day, figure.period, figure.code, figure.area.code])
    return reverse("figure", args=[figure.key])


@register.simple_tag(takes_context=True)
def indicator_url(context: template.Context, code: str, **query: str) -> str:
    """The page of an indicator for the period of this page."""
    return _of_period(context, reverse("indicator", args=[code]), query)


@register.simple_tag(takes_context=True)
def may_open_indicator(context: template.Context, indicator: Indicator) -> bool:
    """May this person open the page of the indicator?"""
    seen: outlook.Outlook = context["outlook"]
    return seen.sees(indicator)


@register.simple_tag(takes_context=True)
def area_url(context: template.Context, code: str, **query: str) -> str:
    """The page of an area for the period of this page."""
    return _of_period(context, reverse("area", args=[code]), query)


@register.simple_tag(takes_context=True)
def unit_url(context: template.Context, code: str, **query: str) -> str:
    """The page of a unit for the period of this page."""
    return _of_period(context, reverse("unit", args=[code]), query)


def _of_period(context: template.Context, path: str, query: dict[str, str]) -> str:
    seen: outlook.Outlook = context["outlook"]
    on_map = {"map_day": str(seen.map_day)} if seen.map_day else {}
    return f"{path}?{urlencode({'period': seen.period.code, **query, **on_map})}"


@register.simple_tag
def figure_link(figure: Figure, css: str = "plain") -> SafeString:
    """The value of a figure as a link to where it comes from; without a value «—», which leads there too."""
    said = _("%(code)s: số này từ đâu ra") % {"code": figure.code}
    if figure.is_approximate:
        said = f"{said}, {other_sources.approximate_words()}"
    return format_html('<a class="{}" href="{}" title="{}">{}</a>', css, figure_url(figure), said, value_words(figure))


@register.simple_tag
def beside(figure: Figure) -> dict[str, object]:
    """What another source says of the figure: its `sides`, and the `rules` by which one was picked; both empty without one."""
    sides = other_sources.beside_of(figure)
    return {"sides": sides, "rules": other_sources.rules_of(loaded_plan().plan, figure) if sides else ()}


@register.filter
def beside_words(figure: Figure) -> str:
    """«đơn vị báo 1.300, chênh 66 (5,1%)»: what another source says, for a line of a table; empty without one."""
    return other_sources.short_words(figure)


@register.simple_tag(takes_context=True)
def unit_kinds(context: template.Context, code: str) -> tuple[KindRow, ...]:
    """What the kinds of units gave of a line in the period of this page; empty where fewer than two did."""
    return by_unit_kind(context["outlook"], code)


@register.simple_tag
def approximate_words() -> str:
    """What stands at a number that was not counted exactly."""
    return other_sources.approximate_words()


@register.simple_tag
def standing_count(value: str, count: int, *, words: bool = False) -> SafeString:
    """How many stand so: icon and number, the word for a screen reader; with `words` for everybody."""
    mark = STANDINGS[value]
    if words:
        return status(mark.tone, mark.icon, f"{numbers.number(count)} {str(mark.words).lower()}")
    said = format_html('{}<span class="vh"> {}</span>', numbers.number(count), str(mark.words).lower())
    return status(mark.tone, mark.icon, said)
