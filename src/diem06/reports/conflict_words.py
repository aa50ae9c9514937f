"""What a person is told when somebody else was there first."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from diem06.core.organisation.models import User
from diem06.core.ui.numbers import number as shown
from diem06.reports.actions import Conflict


def conflict_words(conflict: Conflict) -> str:
    """Say who changed the cell to what, and when."""
    person = User.objects.filter(pk=conflict.by).first() if conflict.by else None
    return _("%(who)s vừa sửa ô này thành %(value)s lúc %(time)s.") % {
        "who": person.full_name if person else _("Người khác"),
        "value": "—" if conflict.theirs is None else shown(conflict.theirs),
        "time": f"{timezone.localtime(conflict.at):%H:%M}" if conflict.at else "—",
    }
