"""Widgets and fields of the forms."""

from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext, gettext_lazy


class TypedNumber(forms.TextInput):
    """
    A number typed as text, with the number keys on a phone.

    A browser empties `<input type="number">` when it holds «12a», so the person could not see what was wrong.
    """

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "numeric", "autocomplete": "off", "class": "wf", **(attrs or {})})


def day_field(label: Any, *, example: str = "30/09/2024", hint: Any = None, **named: Any) -> forms.DateField:
    """
    Return a field for a day typed as it is written: a browser's own picker follows the browser's language, not the page's.

    Under it stands `hint`, or how to write the day, by `example`; in a filter, which has no room (`hint=""`), the form stands in the field.
    """
    if hint is None:
        hint = lazy(lambda: gettext("Ghi dd/mm/yyyy, ví dụ %(day)s.") % {"day": example}, str)()
    attrs = {"autocomplete": "off", "inputmode": "numeric", **({} if hint else {"placeholder": "dd/mm/yyyy"})}
    wrong = gettext_lazy("Ghi ngày như 05/06/2024.")
    return forms.DateField(
        label=label,
        input_formats=["%d/%m/%Y", "%Y-%m-%d"],
        help_text=hint,
        widget=forms.DateInput(format="%d/%m/%Y", attrs=attrs),
        error_messages={"invalid": wrong, "required": wrong},
        **named,
    )
