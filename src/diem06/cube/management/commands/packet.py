"""`diem06 packet`: a closed month of a province as a signed file, and many provinces' files as one nation."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone
from pyarrow import csv, parquet

from diem06.core import access
from diem06.core.evidence.store import DamagedFileError
from diem06.core.plans.queries import NoPlanError, loaded_plan
from diem06.cube.closing.keys import KeyOfAnotherKindError
from diem06.cube.packets import form, queries
from diem06.cube.packets.actions import CheckError, PacketError, load_packet, trust_key
from diem06.cube.packets.checking import Check, checked, checks_beside
from diem06.cube.packets.content import PersonalDataError
from diem06.cube.packets.extraction import ExportError, export
from diem06.cube.packets.national import RollUpError, fact_files, members, national


class Command(BaseCommand):
    """Exit codes: 0 done, 1 a packet does not hold or cannot be made, or an engine was wrong, 2 no plan, period, file or key, or Spark is not installed."""

    help = (
        "export PERIOD --out FILE: a closed month as a signed packet; trust PROVINCE KEY, load FILE..., list, check FILE...: "
        "packets of provinces; rollup PERIOD (2023-07, 2023-Q3, 2023-H2 or 2023): all of them together; facts PERIOD --out DIR: their facts as Parquet, for a cluster"
    )
    access_rule = access.operator

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["export", "trust", "load", "list", "check", "rollup", "facts"])
        parser.add_argument("words", nargs="*", metavar="PERIOD | PROVINCE KEY | FILE")
        parser.add_argument("--plan", help="export: id of the plan; default: the one loaded last")
        parser.add_argument(
            "--out", type=Path, metavar="FILE", help="export, rollup (.csv or .parquet): a new file; facts: a folder"
        )
        parser.add_argument(
            "--replace", default="", metavar="REASON", help="load: in place of the packet of the same month"
        )
        parser.add_argument("--engine", choices=["duckdb", "spark"], default="duckdb", help="rollup")
        parser.add_argument(
            "--spark-master", default="local[2]", metavar="URL", help="rollup: such as spark://HOST:7077"
        )
        parser.add_argument(
            "--spark-conf", action="append", default=[], metavar="NAME=VALUE", help="rollup: a setting of Spark"
        )
        parser.add_argument("--files", default="", metavar="DIR|URL", help="rollup: where every worker sees the facts")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._do(options["verb"], options["words"], options)
        except (NoPlanError, KeyOfAnotherKindError) as fault:
            self._end(str(fault), 2)
        except RollUpError as fault:
            self._end(str(fault), 1)
        except DamagedFileError as fault:
            self._end(f"A loaded packet cannot be read: {fault}. Bring it back from a backup.", 1)

    def _do(self, verb: str, words: list[str], options: dict[str, Any]) -> None:
        match verb, words:
            case "export", [period]:
                self._export(period, options)
            case "trust", [province, key]:
                self._trust(province, key)
            case "load", [_, *_]:
                self._load([Path(word) for word in words], options["replace"])
            case "check", [_, *_]:
                self._check([Path(word) for word in words])
            case "list", []:
                self._list()
            case "rollup", [period]:
                self._rollup(period, options)
            case "facts", [period]:
                self._facts(period, options["out"])
            case _:
                self._end(f"packet {verb}: other words wanted, see `diem06 packet --help`.", 2)

    # -- in a province -------------------------------------------------------------------------------------------------
    def _export(self, period: str, options: dict[str, Any]) -> None:
        loaded = loaded_plan(options["plan"])
        try:
            made = export(loaded, period)
        except (ExportError, PersonalDataError) as refused:
            self._end(str(refused), 1)
        out: Path = options["out"] or Path(made.name)
        if out.is_dir():
            out /= made.name
        self._write(out, made.content)
        content = made.checked.content
        assert content is not None  # it was checked
        self.stdout.write(
            f"{out}: {len(made.content)} bytes, {content.facts.num_rows} facts, {len(content.figures)} figures, "
            f"seal {content.seal.number} {content.seal.hash}, key {content.seal.public_key}"
        )

    # -- in the national instance --------------------------------------------------------------------------------------
    def _trust(self, province: str, key: str) -> None:
        text = self._read(Path(key)).decode(errors="replace") if Path(key).is_file() else key
        try:
            row = trust_key(province=province, public_key=text, at=settings.DIEM06_CLOCK(), by=None)
        except PacketError as refused:
            self._end(str(refused), 2)
        self.stdout.write(f"Packets of {row.province} signed by {row.public_key} are believed.")

    def _load(self, files: list[Path], reason: str) -> None:
        is_wrong, periods = False, set()
        for file in files:
            try:
                found = load_packet(content=self._read(file), at=settings.DIEM06_CLOCK(), by=None, replace=reason)
            except CheckError as refused:
                is_wrong = True
                self.stdout.write(f"{file}: not loaded.")
                self._say(refused.checks)
                continue
            row = found.packet
            periods.add(row.period)
            words = "loaded" if found.is_new else "is loaded already"
            self.stdout.write(f"{file}: {row.name} {row.period} {words}, {len(found.checks)} checks passed.")
        for period in sorted(periods):
            table = national(period)
            self.stdout.write(f"{period}: {table.num_rows} figures rolled up.")
        if is_wrong:
            sys.exit(1)

    def _check(self, files: list[Path]) -> None:
        is_wrong = False
        for file in files:
            found = checked(self._read(file))
            checks = found.checks
            if found.is_good and found.packet and found.content:
                known = queries.known_beside(found.packet, may_replace=True)
                checks = (*checks, *checks_beside(found.packet, found.content, known))
            is_wrong |= not all(check.is_good for check in checks)
            self.stdout.write(f"{file}:")
            self._say(checks)
        if is_wrong:
            sys.exit(1)

    def _list(self) -> None:
        for key in queries.trusted_keys():
            self.stdout.write(f"key    {key.province:>4} {key.public_key} since {_moment(key.trusted_at)}")
        for row in queries.packets():
            words = f", in place of {row.replaces.sha256[:12]}: {row.reason}" if row.replaces else ""
            self.stdout.write(
                f"packet {row.province:>4} {row.period} {row.name}, {row.facts} facts, {row.figures} figures, "
                f"seal {row.seal_number} {row.seal_hash[:16]}, loaded {_moment(row.loaded_at)}{words}"
            )

    def _rollup(self, period: str, options: dict[str, Any]) -> None:
        found = members(period)
        for packet, reason in found.left_out:
            self.stdout.write(f"{period}: {packet.name} is left out: {_LEFT_OUT[reason]}.")
        if not found.taken:
            self._end(f"{period}: no province has packets of it. `diem06 packet load FILE` loads one.", 2)
        out: Path | None = options["out"]
        if out is not None and out.suffix not in {".csv", ".parquet"}:
            self._end("--out: name a .csv or a .parquet file.", 2)
        start = time.monotonic()
        with ExitStack() as stack:
            runner = None
            if options["engine"] == "spark":
                try:
                    from diem06.cube.engine.spark import SparkRunner, session

                    given = dict(one.partition("=")[::2] for one in options["spark_conf"])
                    spark = stack.enter_context(session(options["spark_master"], given))
                except ModuleNotFoundError:
                    self._end("Spark is not installed: pip install --require-hashes -r requirements-spark.lock", 2)
                runner = stack.enter_context(SparkRunner(spark))
            table = national(period, runner=runner, files=options["files"], anew=True)
        facts = sum(row.facts for row in found.packets)
        self.stdout.write(
            f"{period}: {len(found.taken)} provinces, {facts} facts, {table.num_rows} figures, {options['engine']}, "
            f"{time.monotonic() - start:.1f} s"
        )
        if out is not None:
            self._write(out, _as_file(table, out.suffix))
            self.stdout.write(f"{out}: written.")

    def _facts(self, period: str, out: Path | None) -> None:
        found = members(period)
        if not found.taken or out is None:
            self._end("Name a period of which packets are loaded, and the folder: --out DIR.", 2)
        for file in fact_files(found, at=str(out)):
            self.stdout.write(file)

    # -- files and words -----------------------------------------------------------------------------------------------
    def _read(self, file: Path) -> bytes:
        try:
            with file.open("rb") as opened:
                return opened.read(form.LARGEST_PACKET + 1)
        except OSError as fault:
            self._end(f"{file}: {fault.strerror}", 2)

    def _write(self, out: Path, content: bytes) -> None:
        """Write a new file, forced to the disk, whole or not at all."""
        handle, beside = -1, ""
        try:
            handle, beside = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}-")
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(beside).chmod(0o644)
            os.link(beside, out)  # never over a file that is there
        except FileExistsError:
            self._end(f"{out} exists already; name a new file.", 2)
        except OSError as fault:
            self._end(f"{out}: {fault.strerror}", 2)
        finally:
            if beside:
                Path(beside).unlink(missing_ok=True)

    def _say(self, checks: Iterable[Check]) -> None:
        for check in checks:
            self.stdout.write(
                f"  {'ok   ' if check.is_good else 'WRONG'} {check.name}{f': {check.counted}' if check.is_good and check.counted else ''}"
            )
            for words in check.words:
                self.stdout.write(f"        {words}")

    def _end(self, words: str, code: int) -> NoReturn:
        self.stderr.write(words)
        sys.exit(code)


_LEFT_OUT = {
    "missing": "a month of it has no packet",
    "areas_changed": "its areas changed within it",
    "counted_otherwise": "an earlier month was counted by other definitions",
}


def _as_file(table: pa.Table, suffix: str) -> bytes:
    out = pa.BufferOutputStream()
    if suffix == ".csv":
        csv.write_csv(table, out)
    else:
        parquet.write_table(table, out, compression="zstd")
    return bytes(out.getvalue())


def _moment(at: Any) -> str:
    return f"{timezone.localtime(at):%d/%m/%Y %H:%M}"
