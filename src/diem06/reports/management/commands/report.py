"""
`diem06 report 2023-07 --kind police --out FILE.docx` and `diem06 report verify FILE.docx`.

The ending of FILE says what is made: .docx, .txt, .json, .xlsx (all annexes), .zip (all files of the period).
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from diem06.core import access
from diem06.core.evidence.queries import content_of
from diem06.core.plans.models import Period
from diem06.core.plans.queries import Loaded, NoPlanError, loaded_plan, period
from diem06.cube.closing.record import board_of_record
from diem06.plan.model import ReportKind
from diem06.reports.compiling.actions import draft_urging_letter
from diem06.reports.compiling.files import month_zip
from diem06.reports.compiling.queries import OF_UNIT, URGING
from diem06.reports.models import Report
from diem06.reports.word.actions import issue_report
from diem06.reports.word.making import make, unit_kind
from diem06.reports.word.material import Material, ReportKindError, Signing, kind_of
from diem06.reports.word.open_data import report_json
from diem06.reports.word.tree import Content, plain_text
from diem06.reports.word.verify import Finding, Verdict, Verification, verify
from diem06.reports.word.workbook import annexes_workbook
from vnlib.documents import DocumentError

_VERDICTS = {
    Verdict.OK: "ok",
    Verdict.EDITED: "edited by hand",
    Verdict.NOT_OURS: "not the system's",
    Verdict.OTHER_REVISION: "belongs to another revision",
    Verdict.OTHER_PERIOD: "belongs to another period",
    Verdict.OTHER_DOCUMENT: "belongs to another document",
    Verdict.MISSING: "missing from the file",
    Verdict.NO_CONTROL: "not the system's, outside any control",
}


class CannotRunError(Exception):
    """Nothing was made or checked; the text says what to change."""


class Command(BaseCommand):
    """Exit codes: 0 made, or every figure is right; 1 some figure is not; 2 nothing could be made or read."""

    help = (
        "Make a report of a period (PERIOD --kind KIND --out FILE.docx|txt|json|xlsx|zip), or check one: verify FILE."
    )
    access_rule = access.operator
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", metavar="PERIOD|verify", help="2023-07, or the word verify")
        parser.add_argument("file", nargs="?", help="the Word file to verify")
        parser.add_argument(
            "--kind", default="police", help="section, police, committee as the plan names them; unit; urging"
        )
        parser.add_argument("--unit", default="", help="with --kind unit: whose own report, by the unit's code")
        parser.add_argument("--out", help="the file to write; its ending says what: docx, txt, json, xlsx, zip")
        parser.add_argument("--number", default="", help="number of the document; left out: «…»")
        parser.add_argument("--day", default="", help="day of the document, 2023-07-17 or 17/07/2023; left out: «…»")
        parser.add_argument("--signer", default="", help="name of the signer; left out: «…»")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["what"] == "verify":
                sys.exit(self._verify(options["file"]))
            self._make(options)
        except OSError as fault:
            self.stderr.write(f"{fault.filename}: {fault.strerror}")
            sys.exit(2)
        except (CannotRunError, NoPlanError, ReportKindError, DocumentError) as fault:
            self.stderr.write(str(fault))
            sys.exit(2)

    def _make(self, options: dict[str, Any]) -> None:
        loaded = loaded_plan()
        of = period(loaded.plan, options["what"])
        if of is None:
            raise CannotRunError(
                f"{options['what']}: no opened period of plan {loaded.plan.id}; write one such as 2023-07."
            )
        if not options["out"]:
            raise CannotRunError("Say where to write the report: --out FILE.docx")
        out = Path(options["out"])
        signing = Signing(number=options["number"], day=_day(options["day"]), signer=options["signer"])
        asked = _Asked(loaded=loaded, period=of, kind=options["kind"], unit=options["unit"], signing=signing)
        how = {
            ".docx": _word,
            ".txt": _text,
            ".json": _json,
            ".xlsx": _excel,
            ".zip": _zip,
        }.get(out.suffix.lower())
        if how is None:
            raise CannotRunError(f"{out.name}: end the file in .docx, .txt, .json, .xlsx or .zip.")
        self.stderr.write(f"Computing the figures of {of.code} ...")
        content, told = how(asked, settings.DIEM06_CLOCK())
        out.write_bytes(content)
        self.stdout.write(f"{out}: {told}")

    def _verify(self, name: str | None) -> int:
        if not name:
            raise CannotRunError("Say which file to check: report verify FILE.docx")
        loaded = loaded_plan()
        self.stderr.write(f"Reading {name} ...")
        found = verify(Path(name).read_bytes(), loaded)
        self._tell(found)
        return 0 if found.is_right else 1

    def _tell(self, found: Verification) -> None:
        self.stdout.write("file readable: ok")
        if found.document is None:
            self.stdout.write("document known: no, this system made no such document")
        else:
            row = found.document
            made_at = timezone.localtime(row.made_at)
            self.stdout.write(
                f"document known: ok, {row.kind} {row.period}, revision {row.revision}, made {made_at:%d/%m/%Y %H:%M}"
            )
            self.stdout.write(f"file untouched: {'ok' if found.is_untouched else 'no, it was saved again since'}")
        for finding in found.wrong:
            self.stdout.write(_line(finding))
        if found.keys_lost:
            self.stdout.write(f"keys lost: {found.keys_lost} tags were dropped by an editor; checked by their ids")
        for window in found.revised:
            self.stdout.write(f"note: the figures of {window} have been revised since")
        self.stdout.write(f"figures and texts: {found.right} ok, {len(found.wrong)} not")


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What the command line asks for."""

    loaded: Loaded
    period: Period
    kind: str
    unit: str
    signing: Signing

    @property
    def report_kind(self) -> ReportKind:
        if self.kind != OF_UNIT:
            if self.unit:
                raise CannotRunError("--unit goes with --kind unit.")
            return kind_of(self.loaded.plan, self.kind)
        if not Report.objects.filter(period=self.period, unit=self.unit).exists():
            raise CannotRunError(
                f"{self.unit or '(no unit)'}: owes no report of {self.period.code}; write --unit so-y-te."
            )
        return unit_kind(self.loaded, self.period, self.unit)


def _word(asked: _Asked, at: datetime) -> tuple[bytes, str]:
    if asked.kind == URGING:
        letter = draft_urging_letter(period=asked.period, at=at, again=True, loaded=asked.loaded)
        if letter is None or letter.file is None:
            raise CannotRunError(f"{asked.period.code}: every unit has sent; there is nobody to urge.")
        return content_of(letter.file), f"letter that urges, {asked.period.code}, document {letter.pk}."
    kind = asked.report_kind
    issued = issue_report(
        loaded=asked.loaded,
        period=asked.period,
        kind=kind,
        at=at,
        by=None,
        signing=asked.signing,
        unit=asked.unit,
    )
    return issued.file, (
        f"{kind.name}, {asked.period.code}, revision {issued.document.revision}, "
        f"{len(issued.document.tags)} tagged figures and texts, document {issued.document.pk}."
    )


def _made(asked: _Asked, at: datetime) -> tuple[Material, Content]:
    return make(
        loaded=asked.loaded,
        period=asked.period,
        kind=asked.report_kind,
        at=at,
        unit=asked.unit,
        signing=asked.signing,
    )


def _text(asked: _Asked, at: datetime) -> tuple[bytes, str]:
    _material, content = _made(asked, at)
    return plain_text(content).encode(), f"{asked.report_kind.name}, {asked.period.code}, as plain text."


def _json(asked: _Asked, at: datetime) -> tuple[bytes, str]:
    material, content = _made(asked, at)
    file = report_json(asked.loaded, material, content, at=at)
    return file, f"{asked.report_kind.name}, {asked.period.code}, as open JSON."


def _excel(asked: _Asked, at: datetime) -> tuple[bytes, str]:
    material, content = _made(asked, at)
    here = None if asked.unit else board_of_record(asked.loaded, asked.period.code)
    file = annexes_workbook(asked.loaded, material, content, here)
    return file, f"annexes of {asked.report_kind.name}, {asked.period.code}, revision {material.windows.now.revision}."


def _zip(asked: _Asked, at: datetime) -> tuple[bytes, str]:
    return month_zip(loaded=asked.loaded, period=asked.period, at=at, by=None), f"all files of {asked.period.code}."


def _line(finding: Finding) -> str:
    name = finding.tag or "(no tag)"
    sides = "".join(
        f", {word} «{_short(text)}»"
        for word, text in (("expected", finding.expected), ("found", finding.found))
        if text is not None
    )
    lost = " (keys lost, checked by id)" if finding.keys_lost else ""
    return f"{name}: {_VERDICTS[finding.verdict]}{sides}{lost}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:79]}…"


def _day(text: str) -> date | None:
    if not text:
        return None
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  a day has no time zone
        except ValueError:
            continue
    raise CannotRunError(f"{text}: no day; write 2023-07-17 or 17/07/2023.")
