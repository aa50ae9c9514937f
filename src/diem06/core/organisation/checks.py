"""System checks of what passes from person to person."""

from collections import Counter
from typing import Any

from django.core.checks import CheckMessage, Error, register

from diem06.core.declarations import undeclared
from diem06.core.organisation.handovers import installed_parts


@register()
def handed_over_parts_are_whole(**kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001  the signature of every check
    """organisation.E001: an app with a module `handover` has `PARTS` there; organisation.E002: their keys are unique."""
    faults: list[CheckMessage] = []
    for config, fault in undeclared("handover", "PARTS"):
        hint = f"Write PARTS = (Part(...),) into {config.name}/handover.py."
        faults.append(Error(f"{config.name} hands nothing over: {fault}", hint=hint, id="organisation.E001"))
    if not faults:
        for key, count in Counter(part.key for part in installed_parts()).items():
            if count > 1:
                faults.append(Error(f"{count} parts have the key {key!r}", hint="Rename one.", id="organisation.E002"))
    return faults
