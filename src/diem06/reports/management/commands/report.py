"""`diem06 report 2023-07 --kind police --out FILE.docx` and `diem06 report verify FILE.docx`."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from diem06.core import access
from diem06.core.plans.queries import NoPlanError, loaded_plan, period
from diem06.reports.word.actions import issue_report
from diem06.reports.word.material import ReportKindError, Signing, kind_of
from diem06.reports.word.verify import Finding, Verdict, Verification, verify
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

    help = "Make the official report of a period (PERIOD --kind KIND --out FILE), or check one: verify FILE."
    access_rule = access.operator

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", metavar="PERIOD|verify", help="2023-07, or the word verify")
        parser.add_argument("file", nargs="?", help="the Word file to verify")
        parser.add_argument("--kind", default="police", help="section, police or committee, as the plan names them")
        parser.add_argument("--out", help="the Word file to write")
        parser.add_argument("--number", default="", help="number of the document; left out: «…»")
        parser.add_argument("--day", default="", help="day of the document, 2023-07-17 or 17/07/2023; left out: «…»")
        parser.add_argument("--signer", default="", help="name of the signer; left out: «…»")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["what"] == "verify":
                sys.exit(self._verify(options["file"]))
            self._make(options)
        except (CannotRunError, NoPlanError, ReportKindError, DocumentError, OSError) as fault:
            self.stderr.write(str(fault))
            sys.exit(2)

    def _make(self, options: dict[str, Any]) -> None:
        loaded = loaded_plan()
        of = period(loaded.plan, options["what"])
        if of is None:
            raise CannotRunError(
                f"{options['what']}: no opened period of plan {loaded.plan.id}; write one such as 2023-07."
            )
        kind = kind_of(loaded.plan, options["kind"])
        if not options["out"]:
            raise CannotRunError("Say where to write the report: --out FILE.docx")
        signing = Signing(number=options["number"], day=_day(options["day"]), signer=options["signer"])
        self.stderr.write(f"Computing the figures of {of.code} ...")
        issued = issue_report(loaded=loaded, period=of, kind=kind, at=settings.DIEM06_CLOCK(), by=None, signing=signing)
        Path(options["out"]).write_bytes(issued.file)
        self.stdout.write(
            f"{options['out']}: {kind.name}, {of.code}, revision {issued.document.revision}, "
            f"{len(issued.document.tags)} tagged figures and texts, document {issued.document.pk}."
        )

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
            self.stdout.write(
                f"document known: ok, {row.kind} {row.period}, revision {row.revision}, made {row.made_at:%d/%m/%Y %H:%M}"
            )
            self.stdout.write(f"file untouched: {'ok' if found.is_untouched else 'no, it was saved again since'}")
        for finding in found.wrong:
            self.stdout.write(_line(finding))
        if found.keys_lost:
            self.stdout.write(f"keys lost: {found.keys_lost} tags were dropped by an editor; checked by their ids")
        for window in found.revised:
            self.stdout.write(f"note: the figures of {window} have been revised since")
        self.stdout.write(f"figures and texts: {found.right} ok, {len(found.wrong)} not")


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
