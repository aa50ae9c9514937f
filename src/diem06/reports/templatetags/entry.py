"""The cell of the entry grid. A page has hundreds, so each is made by one call, not by a template of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from diem06.core.ui.numbers import number as written
from diem06.reports.checks import SMALLEST_REPEATED

if TYPE_CHECKING:
    from diem06.reports.views.entry import ShownField

register = template.Library()
_NOTHING = mark_safe("")


@register.simple_tag
def entry_cell(shown: ShownField, label: str, *, may_write: bool, with_note: bool = False) -> SafeString:
    """
    Draw the cell in which a number is typed, with what was seen in it, last period's number and what is wrong.

    `with_note`: the note has a field of its own in the row; else it goes along hidden and a corner shows that there is one.
    """
    field = shown.field
    rest = field.name[1:]
    why = shown.error or shown.hint
    tone = (shown.error and " hard") or (shown.is_returned and " back") or (shown.hint and " soft") or ""
    flow = (
        format_html(' data-flow="{}"', field.last)
        if field.is_flow and field.last and field.last >= SMALLEST_REPEATED
        else _NOTHING
    )
    return format_html(
        '<td class="in{}"><input type="text" inputmode="numeric" autocomplete="off" name="{}" id="{}" value="{}"'
        ' data-seen="{}" {}data-last="{}"{} data-counted="{}" data-used="{}" aria-label="{}"{}{}{}>'
        '<input type="hidden" name="s{}" value="{}">{}</td>',
        tone,
        field.name,
        field.name,
        shown.text,
        field.record,
        "data-refused " if shown.is_refused else "",
        written(field.last) if field.last is not None else "",
        flow,
        field.counted,
        ", ".join(field.used_for),
        label,
        mark_safe(' aria-invalid="true"') if shown.error else _NOTHING,
        format_html(' aria-describedby="why{}" title="{}"', rest, why) if why else _NOTHING,
        "" if may_write else " readonly",
        rest,
        field.record,
        _NOTHING if with_note else _hidden_note(shown, rest, why),
    )


def _hidden_note(shown: ShownField, rest: str, why: str) -> SafeString:
    return format_html(
        '<input type="hidden" name="t{}" value="{}">{}{}',
        rest,
        shown.note,
        mark_safe('<span class="entry-noted" aria-hidden="true"></span>') if shown.note else _NOTHING,
        format_html('<span class="vh" id="why{}">{}</span>', rest, why) if why else _NOTHING,
    )
