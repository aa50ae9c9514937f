"""What the page shell needs on every page: menu, notices and tour of this person, and whether the figures are made up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from diem06.config.tour import tour_of
from diem06.core.access import ANONYMOUS, Subject
from diem06.core.jobs.queries import unread_count
from diem06.core.organisation.queries import default_views
from diem06.core.plans.queries import Loaded, NoPlanError, loaded_plan
from diem06.core.roster.offered import offered_pilots
from diem06.core.ui.shell import MenuItem, Notices, Person, Shell, Tour
from diem06.cube.packets.national import is_national


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Return the shell of a page: menu, person, plan."""
    subject: Subject = getattr(request, "subject", ANONYMOUS)
    try:
        loaded: Loaded | None = loaded_plan()
    except NoPlanError:
        loaded = None
    made_up = bool(loaded and loaded.is_made_up)
    here = Shell(
        is_made_up=made_up,
        made_up_note=_("Mọi số liệu, tên người và lời văn của đơn vị đều là giả định.") if made_up else "",
        plan_title=loaded.plan.title if loaded else "",
    )
    if subject.is_signed_in and subject.user_id is not None:
        here = replace(
            here,
            menu=_menu(subject, request.path, default_views(subject.user_id), has_pilots=_has_pilots(loaded)),
            person=Person(name=subject.name, url=reverse("account")),
            notices=Notices(url=reverse("notices"), unread=unread_count(subject.user_id)),
            tour=_tour(request, subject),
        )
    return {"shell": here}


def _tour(request: HttpRequest, subject: Subject) -> Tour | None:
    return tour_of(
        subject,
        path=request.path,
        home=reverse("dashboard" if subject.is_province_wide else "my-work"),
        seen=request.user.tours_seen,  # type: ignore[union-attr]  # who has signed in is a User
        is_asked="tour" in request.GET,
    )


def _has_pilots(loaded: Loaded | None) -> bool:
    return loaded is not None and any(True for _pilot in offered_pilots(loaded.plan))


MORE_ONLY = frozenset({"units", "areas", "pilots", "nation"})
"""What a telephone's bottom bar has no room for: it stands at the foot of the page."""


def _menu(subject: Subject, path: str, views: Mapping[str, str], *, has_pilots: bool) -> tuple[MenuItem, ...]:
    """Return the main menu: what this person may open, no more; to the list as they want it, where they keep one."""
    items = [
        (_("Tổng quan"), "dashboard", "layout-dashboard", "d", bool(subject.grants)),
        (_("Kế hoạch"), "living-plan", "book", "p", bool(subject.grants)),
        (_("Chỉ tiêu"), "indicators", "list-details", "i", bool(subject.grants)),
        (_("Đơn vị"), "units", "building", "u", subject.is_province_wide),
        (_("Địa bàn"), "areas", "map-pin", "a", subject.is_province_wide),
        (_("Mô hình"), "pilots", "layout-grid", "m", has_pilots and bool(subject.grants)),
        (_("Báo cáo"), "reports", "file-text", "b", subject.is_province_wide),
        (_("Số liệu các tỉnh"), "nation", "flag", "n", subject.is_province_wide and is_national()),
        (_("Việc của tôi"), "my-work", "list-check", "w", bool(subject.units)),
    ]
    return tuple(
        MenuItem(
            title=title,
            url=reverse(name) + (f"?{views[name]}" if name in views else ""),
            icon=icon,
            key=key,
            current=path.startswith(reverse(name)),
            more_only=name in MORE_ONLY,
        )
        for title, name, icon, key, is_open in items
        if is_open
    )
