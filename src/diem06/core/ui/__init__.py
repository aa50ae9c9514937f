"""
What every page is made of: shell, components, tokens, charts. No models.

Templates name the components (`templates/ui/*.html`, tags in `templatetags/ui.py`); views hand them the typed objects
of `shell`, `figure`, `tables` and `charts`. The gallery at /ui/ (under DEBUG) shows each in each state.
"""
