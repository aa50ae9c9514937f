"""Two made-up months of the real plan, for the tests of the report."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any

from diem06.core.plans.models import Period
from diem06.core.plans.queries import Loaded
from diem06.reports import demo
from diem06.reports.tests import factories
from diem06.reports.tests.factories import made_up_months
from diem06.reports.word.actions import Issued, issue_report
from diem06.reports.word.making import unit_kind
from diem06.reports.word.material import Signing, kind_of

MONTHS = ("2023-07", "2023-08")
AT = datetime(2023, 8, 16, 9, 12, tzinfo=demo.VIETNAM)


def two_months(prepared: Callable[..., Any]) -> Loaded:
    """Stand on a database with the plan and the months."""
    return made_up_months(prepared, months=MONTHS, at=AT)


def month(loaded: Loaded, code: str = "2023-08") -> Period:
    return factories.month(loaded, code)


def issue(loaded: Loaded, kind: str = "police", code: str = "2023-08", signing: Signing | None = None) -> Issued:
    return issue_report(
        loaded=loaded, period=month(loaded, code), kind=kind_of(loaded.plan, kind), at=AT, by=None, signing=signing
    )


def issue_of_unit(loaded: Loaded, unit: str, code: str = "2023-08", signing: Signing | None = None) -> Issued:
    of = month(loaded, code)
    kind = unit_kind(loaded, of, unit)
    return issue_report(loaded=loaded, period=of, kind=kind, at=AT, by=None, signing=signing, unit=unit)


def edited(file: bytes, edit: Callable[[str], str], part: str = "word/document.xml") -> bytes:
    """Return the file with one of its parts changed, as an editor would save it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file)) as before, zipfile.ZipFile(buffer, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            if name == part:
                changed = edit(content.decode())
                assert changed != content.decode(), "the edit changed nothing"
                content = changed.encode()
            after.writestr(name, content)
    return buffer.getvalue()


def control(tag: str) -> re.Pattern[str]:
    """Match the first content control with this tag, its text in group 2."""
    return re.compile(
        rf"(<w:sdt>(?:(?!</w:sdt>).)*?<w:tag w:val=\"{re.escape(tag)}\"/>(?:(?!</w:sdt>).)*?<w:t[^>]*>)([^<]*)(</w:t>.*?</w:sdt>)",
        re.DOTALL,
    )
