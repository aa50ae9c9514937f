"""Widgets of the forms."""

from typing import Any

from django import forms


class TypedNumber(forms.TextInput):
    """
    A number typed as text, with the number keys on a phone.

    A browser empties `<input type="number">` when it holds «12a», so the person could not see what was wrong.
    """

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "numeric", "autocomplete": "off", "class": "wf", **(attrs or {})})
