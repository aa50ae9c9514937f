"""System checks of the kinds of long work."""

from collections import Counter
from typing import Any

from django.core.checks import CheckMessage, Error, register

from diem06.core.declarations import undeclared
from diem06.core.jobs.handlers import installed_handlers


@register()
def handlers_are_whole(**kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001  the signature of every check
    """jobs.E001: an app with a module `jobs` has `HANDLERS` there; jobs.E002: kinds are unique."""
    faults: list[CheckMessage] = []
    for config, fault in undeclared("jobs", "HANDLERS"):
        hint = f"Write HANDLERS = (Handler(...),) into {config.name}/jobs.py."
        faults.append(Error(f"{config.name} declares no long work: {fault}", hint=hint, id="jobs.E001"))
    if not faults:
        for kind, count in Counter(handler.kind for handler in installed_handlers()).items():
            if count > 1:
                faults.append(Error(f"{count} handlers are of the kind {kind!r}", hint="Rename one.", id="jobs.E002"))
    return faults
