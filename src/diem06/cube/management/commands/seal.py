"""`diem06 seal`: closing periods, and the seals of those that were closed."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from diem06.core import access
from diem06.core.plans.queries import Loaded, NoPlanError, loaded_plan, period
from diem06.cube.closing.actions import ClosingError, close_period, rotate_key
from diem06.cube.closing.export import ExportError, export
from diem06.cube.closing.keys import KeyOfAnotherKindError, signing_key
from diem06.cube.closing.public import public_key, public_pem
from diem06.cube.closing.queries import closing_of, closings, faults_of_plan, signers
from diem06.cube.models import Closing


class Command(BaseCommand):
    """Exit codes: 0 done, 1 something does not fit a seal or the period cannot be closed, 2 no plan, period, closing or folder."""

    help = (
        "close PERIOD: keep its figures and the digests of its facts, signed; list, check [PERIOD]: the seals; "
        "export PERIOD --out DIR: for tools/verify_seal.py; key: print the public key, and what each key signed; "
        "key rotate: take a new key, which the old one signs"
    )
    access_rule = access.operator

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["close", "list", "check", "export", "key"])
        parser.add_argument("period", nargs="?", default="", metavar="PERIOD | rotate")
        parser.add_argument("--plan", help="id of the plan; default: the one loaded last")
        parser.add_argument("--out", type=Path, metavar="DIR", help="export: a folder that does not exist yet")
        parser.add_argument("--quick", action="store_true", help="check: the seals and figures, not the facts")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["verb"] == "key":
                self._key(options["period"])
                return
            loaded = loaded_plan(options["plan"])
            match options["verb"]:
                case "close":
                    self._close(loaded, options["period"])
                case "list":
                    for row in closings(loaded.plan.id):
                        self.stdout.write(_words(row))
                case "check":
                    self._check(loaded, options["period"], with_facts=not options["quick"])
                case "export":
                    self._export(loaded, options["period"], options["out"])
        except (NoPlanError, KeyOfAnotherKindError) as fault:
            self._end(str(fault), 2)

    def _key(self, word: str) -> None:
        if word not in ("", "rotate"):
            self._end(f"seal key {word}: `seal key` shows the keys, `seal key rotate` takes a new one.", 2)
        if word:
            try:
                row = rotate_key(at=settings.DIEM06_CLOCK(), by=None)
            except ClosingError as refused:
                self._end(str(refused), 1)
            self.stdout.write(f"Key {row.number} signs from now on; key {row.number - 1} signed it. Publish it:")
        key = public_key(signing_key())
        self.stdout.write(f"{public_pem(key)}{key}")
        for signer in signers():
            since = f"since {timezone.localtime(signer.since):%d/%m/%Y %H:%M}" if signer.since else "the first"
            signed = [f"{plan}: {', '.join(periods)}" for plan, periods in signer.periods.items()]
            self.stdout.write(
                f"{signer.number:>3} {signer.public_key} {since}; signed {'; '.join(signed) or 'nothing yet'}"
            )

    def _close(self, loaded: Loaded, code: str) -> None:
        found = period(loaded.plan, code)
        if found is None:
            self._end(f"The plan has no open period {code!r}.", 2)
        try:
            closing = close_period(loaded=loaded, period=found, at=settings.DIEM06_CLOCK(), by=None)
        except ClosingError as refused:
            self._end(str(refused), 1)
        self.stdout.write(_words(closing))

    def _check(self, loaded: Loaded, code: str, *, with_facts: bool) -> None:
        if code:
            self._closing(loaded, code)
        is_wrong = False
        for fault in faults_of_plan(loaded.plan.id, period=code, with_facts=with_facts):
            is_wrong = True
            self.stdout.write(f"BROKEN {fault.period or 'the database'}: {fault.what}.")
        if is_wrong:
            sys.exit(1)
        last = closings(loaded.plan.id).last()
        self.stdout.write(f"The seals hold: {last.number if last else 0}{f', last {last.hash}' if last else ''}.")

    def _export(self, loaded: Loaded, code: str, out: Path | None) -> None:
        if out is None:
            self._end("Name the folder: --out DIR.", 2)
        closing = self._closing(loaded, code)
        try:
            facts = export(closing, to=out)
        except ExportError as fault:
            self._end(str(fault), 2)
        self.stdout.write(
            f"{out}: {facts} facts, {closing.figures} figures. Check it: python tools/verify_seal.py {out}"
        )

    def _closing(self, loaded: Loaded, code: str) -> Closing:
        found = closing_of(loaded.plan.id, code)
        if found is None:
            self._end(f"{code or 'No period'}: not closed. `diem06 seal list` shows what is.", 2)
        return found

    def _end(self, words: str, code: int) -> NoReturn:
        self.stderr.write(words)
        sys.exit(code)


def _words(row: Closing) -> str:
    at = timezone.localtime(row.closed_at)
    return f"{row.number:>3} {row.period} {at:%d/%m/%Y %H:%M} {row.facts:>8} facts {row.figures:>6} figures {row.hash}"
