"""What the pages of this room are called where their use is shown, by their names in the urls."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: Mapping[str, Promise] = {
    "desk:app": _("Ứng dụng tại điểm"),
    "desk:device": _("Thiết bị tại điểm"),
    "desk:devices": _("Thiết bị tại điểm"),
    "desk:enrol": _("Thêm thiết bị"),
    "desk:enrolment": _("Thêm thiết bị"),
}
