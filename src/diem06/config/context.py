"""What the page shell needs on every page: the menu for this person, and whether the figures are made up."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from diem06.core.access import ANONYMOUS, Subject
from diem06.core.plans.queries import Loaded, NoPlanError, loaded_plan
from diem06.core.ui.shell import MenuItem, Person, Shell


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Return the shell of a page: menu, person, plan."""
    subject: Subject = getattr(request, "subject", ANONYMOUS)
    try:
        loaded: Loaded | None = loaded_plan()
    except NoPlanError:
        loaded = None
    made_up = bool(loaded and loaded.is_made_up)
    return {
        "shell": Shell(
            menu=_menu(subject, request.path) if subject.is_signed_in else (),
            is_made_up=made_up,
            made_up_note=_("Mọi số liệu, tên người và lời văn của đơn vị đều là giả định.") if made_up else "",
            plan_title=loaded.plan.title if loaded else "",
            person=Person(name=subject.name, url=reverse("account")) if subject.is_signed_in else None,
        )
    }


def _menu(subject: Subject, path: str) -> tuple[MenuItem, ...]:
    """Return the main menu: what this person may open, no more."""
    items = [
        (_("Tổng quan"), "dashboard", "layout-dashboard", bool(subject.grants)),
        (_("Kế hoạch"), "living-plan", "book", bool(subject.grants)),
        (_("Chỉ tiêu"), "indicators", "list-details", bool(subject.grants)),
        (_("Báo cáo"), "reports", "file-text", subject.is_province_wide),
        (_("Việc của tôi"), "my-work", "list-check", bool(subject.units)),
    ]
    return tuple(
        MenuItem(title=title, url=reverse(name), icon=icon, current=path.startswith(reverse(name)))
        for title, name, icon, is_open in items
        if is_open
    )
