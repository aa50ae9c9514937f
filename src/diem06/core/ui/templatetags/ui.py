"""Tags and filters of the components. What is named wrongly (an icon, a standing) fails at once, never silently."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from diem06.core.ui import charts, icons, numbers, words

register = template.Library()


# -- icons, marks ----------------------------------------------------------------------------------------------------
@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an icon of icons.txt. It says nothing to a screen reader: a word always stands beside it."""
    if name not in icons.names():
        raise ValueError(f"No icon «{name}»: write its Tabler name into core/ui/icons.txt and run `make setup`.")
    return format_html('<svg class="ic" aria-hidden="true"><use href="{}#i-{}"/></svg>', static(icons.SPRITE), name)


@register.simple_tag
def status(tone: str, icon_name: str, text: str, *, big: bool = False) -> SafeString:
    """Colour, icon and word. `tone`: met, on, below, risk, miss, none."""
    return format_html('<span class="st st-{}{}">{}{}</span>', tone, " st-big" if big else "", icon(icon_name), text)


@register.simple_tag
def standing(value: str, *, big: bool = False) -> SafeString:
    """How a figure stands to its target; also «undecided» for a reading not chosen."""
    mark = words.STANDINGS[value]
    return status(mark.tone, mark.icon, str(mark.words), big=big)


@register.simple_tag
def timeliness(value: str, *, big: bool = False) -> SafeString:
    """Whether a report came in time: in_time, late, missing, not_due."""
    mark = words.TIMELINESS[value]
    return status(mark.tone, mark.icon, str(mark.words), big=big)


@register.simple_tag
def report_state(value: str) -> SafeString:
    """Where a report is: open, draft, submitted, returned, approved, accepted, closed."""
    mark = words.REPORT_STATES[value]
    return state(str(mark.words), icon_name=mark.icon, tone=mark.tone)


@register.simple_tag
def state(text: str, icon_name: str = "", tone: str = "") -> SafeString:
    """Draw a state in other words than a report's. `tone`: empty, now (being worked on), back (returned)."""
    drawn = icon(icon_name) if icon_name else ""
    return format_html('<span class="state{}">{}{}</span>', f" state-{tone}" if tone else "", drawn, text)


@register.simple_tag
def grade(value: str | None, *, long: bool = False) -> SafeString:
    """How a number was obtained: three bars and a word; nothing without a grade."""
    if not value:
        return SafeString("")
    found = words.GRADES[value]
    bars = format_html_join(
        "",
        '<rect x="{}" y="{}" width="3" height="{}" class="{}"/>',
        ((5 * i, 8 - 3 * i, 3 + 3 * i, "on" if i < found.bars else "off") for i in range(3)),
    )
    return format_html(
        '<span class="gr"><svg viewBox="-.5 1 14 11" aria-hidden="true">{}</svg>{}</span>',
        bars,
        found.words if long else found.short,
    )


# -- numbers ---------------------------------------------------------------------------------------------------------
@register.simple_tag
def number(value: Decimal | int | None, places: int | None = None, reason: str = "") -> SafeString:
    """A number in tabular digits; no value is «—» with its `reason`, never 0."""
    if value is not None:
        return format_html('<span class="tnum">{}</span>', numbers.number(value, places))
    why = format_html(' <span class="u sub">{}</span>', reason) if reason else ""
    return format_html('<span class="muted">{}</span>{}', numbers.NO_VALUE, why)


@register.filter
def vnum(value: Decimal | int | None, places: int | None = None) -> str:
    """«1.234.567,8»: as many decimals as the number has, two at most, or exactly `places`. For display only."""
    return numbers.number(value, places)


@register.filter
def percent(ratio: Decimal | int | None, places: int = 1) -> str:
    """0.675 -> «67,5%», half up; None -> «—»."""
    return numbers.percent(ratio, places)


@register.filter
def target_percent(ratio: Decimal | int | None) -> str:
    """0.5 -> «50%», 0.675 -> «67,5%»: as a target is written, two decimals at most."""
    return numbers.percent(ratio, None)


@register.filter
def signed(value: Decimal | int | None, places: int | None = None) -> str:
    """«+224», «−3», «0»."""
    return numbers.signed(value, places)


# -- panel, table ----------------------------------------------------------------------------------------------------
@register.simple_block_tag
def panel(content: str, title: str, note: str = "", id: str = "", *, flush: bool = False) -> SafeString:  # noqa: A002
    """
    A panel with its head. `note` stands small at the right; `id` becomes the panel's anchor.

    `flush`: the body touches the edges (a table, a list; it may end with a `<div class="panel-f">`).
    """
    anchor = format_html(' id="{}"', id) if id else ""
    small = format_html('<span class="sub">{}</span>', note) if note else ""
    body = content if flush else format_html('<div class="panel-b">{}</div>', content)
    return format_html(
        '<section class="panel"{}><div class="panel-h"><h2>{}</h2>{}</div>{}</section>', anchor, title, small, body
    )


@register.simple_tag(takes_context=True)
def sort_header(context: Context, key: str, label: str, css: str = "", *, num: bool = False) -> SafeString:
    """
    A `<th>` that sorts by `key`: a link with `?sort=`, so the order survives in the URL and without JavaScript.

    The context names the present order as `sort` («key», «-key» for descending; see `tables.sort_of`). A column of
    numbers (`num`) starts with the largest.
    """
    current = str(context.get("sort", ""))
    is_current = current.removeprefix("-") == key
    is_descending = current.startswith("-")
    query = context["request"].GET.copy()
    query.pop("page", None)
    query["sort"] = f"-{key}" if (is_current and not is_descending) or (num and not is_current) else key
    order = ("descending" if is_descending else "ascending") if is_current else "none"
    arrow = ("chevron-down" if is_descending else "chevron-up") if is_current else "selector"
    classes = " ".join(name for name in ("num" if num else "", css) if name)
    return format_html(
        '<th scope="col"{} aria-sort="{}"><a class="sort" href="?{}">{}{}</a></th>',
        format_html(' class="{}"', classes) if classes else "",
        order,
        query.urlencode(),
        label,
        icon(arrow),
    )


@register.simple_tag
def result_count(total: int) -> str:
    """«209 kết quả», for an `aria-live` line over a list."""
    return ngettext("%(total)s kết quả", "%(total)s kết quả", total) % {"total": numbers.number(total)}


# -- forms -----------------------------------------------------------------------------------------------------------
@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The widget of a form field with its look; label, hint and error come from `ui/field.html`."""
    attrs: dict[str, Any] = {}
    classes = [str(field.field.widget.attrs.get("class", "")), _look(field.field.widget)]
    if field.errors:
        classes.append("bad")
    if any(classes):
        attrs["class"] = " ".join(name for name in classes if name)
    return field.as_widget(attrs=attrs)


def _look(widget: forms.Widget) -> str:
    match widget:
        case forms.RadioSelect() | forms.CheckboxSelectMultiple() | forms.CheckboxInput() | forms.FileInput():
            return ""
        case forms.Select():
            return "sel"
        case forms.NumberInput():
            return "txt wf"
        case _:
            return "txt"


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """A single tick box, whose label stands after it."""
    return type(field.field.widget) is forms.CheckboxInput


@dataclass(frozen=True, kw_only=True)
class FieldError:
    """One line of the error summary. `anchor` is the id of the field to go to; empty: the error is the form's own."""

    text: str
    label: str = ""
    anchor: str = ""


@register.inclusion_tag("ui/error_summary.html")
def error_summary(source: forms.BaseForm | Iterable[FieldError]) -> dict[str, object]:
    """
    List what must be put right, with a link to each field; nothing without errors. It takes the focus.

    `source` is a form, or a list of `FieldError` (several forms, a grid).
    """
    errors = _form_errors(source) if isinstance(source, forms.BaseForm) else list(source)
    return {"errors": errors, "title": _summary_title(len(errors))}


def _form_errors(form: forms.BaseForm) -> list[FieldError]:
    errors = [FieldError(text=str(text)) for text in form.non_field_errors()]
    for field in form:
        errors += [
            FieldError(text=str(text), label=str(field.label), anchor=str(field.id_for_label or field.auto_id))
            for text in field.errors
        ]
    return errors


def _summary_title(count: int) -> str:
    return ngettext("Có %(count)s lỗi phải sửa", "Có %(count)s lỗi phải sửa", count) % {"count": numbers.number(count)}


# -- charts ----------------------------------------------------------------------------------------------------------
@register.inclusion_tag("ui/chart_spark.html")
def sparkline(
    values: list[Decimal | None], target: Decimal | None = None, *, is_share: bool = True
) -> dict[str, object]:
    """The last periods of an indicator in a table cell, oldest first."""
    return {"chart": charts.sparkline(values, target=target, is_share=is_share)}


@register.inclusion_tag("ui/bar.html")
def bar(value: Decimal | None, target: Decimal | None = None) -> dict[str, object]:
    """A ratio as a bar with the tick of its target; the number stands in the next cell."""
    return {"bar": charts.bar(value, target)}


@register.inclusion_tag("ui/period_marks.html")
def period_marks(states: list[str]) -> dict[str, object]:
    """The last periods of one unit, oldest first: in_time, late, missing, not_due."""
    said = ", ".join(str(words.TIMELINESS[name].words).lower() for name in states)
    return {
        "marks": charts.period_marks(states),
        "width": max(14 * len(states), 1),
        "words": gettext("%(count)s kỳ gần nhất: %(states)s") % {"count": len(states), "states": said},
    }


@register.filter
def mark_of(part: charts.Part) -> dict[str, str]:
    """Tone, icon and words of a part of a stacked bar."""
    found = words.STANDINGS.get(part.key) or words.TIMELINESS[part.key]
    return {"tone": found.tone, "icon": found.icon, "words": part.words or str(found.words)}


@register.simple_tag
def drawing_words(title: str, caption: str) -> str:
    """What a screen reader says of a drawing: its title and its sentence."""
    return f"{title.rstrip('.')}. {caption}"
