"""`diem06 plan check|load|show|draft`: the plan as data, and data from the document of a plan."""

from __future__ import annotations

import hashlib
import json
import sys
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError

from diem06.core import access
from diem06.core.areas.actions import load_areas
from diem06.core.areas.models import Area
from diem06.core.areas.queries import areas_on
from diem06.core.plans.actions import PlanChangeError, load_plan
from diem06.core.plans.queries import NoPlanError, known_areas, loaded_plan
from diem06.plan.checks import check
from diem06.plan.drafting import (
    Draft,
    DraftError,
    KnownArea,
    SourceFile,
    bundle_of,
    open_questions,
    read_draft,
    summary,
    unsure_rows,
    with_areas,
)
from diem06.plan.drafting import as_json as draft_as_json
from diem06.plan.export import as_json
from diem06.plan.faults import PlanErrors
from diem06.plan.reader import bundle_path, read_plan

KEEPS = "draft.json"  # in a drafted folder: the draft, and what was written, so that a file mended by hand is not overwritten


class FolderInUseError(ValueError):
    """The folder holds a plan that this command did not write, or that somebody mended since."""


class Command(BaseCommand):
    """Exit codes: 0 done, 1 the plan has faults (each printed with file and line), 2 nothing to read or nowhere to write."""

    help = (
        "check FOLDER, load FOLDER, show the loaded plan, or draft FILE...: read the document of a plan into data. "
        "FOLDER may be the id of a shipped plan: bac-giang-2023."
    )
    access_rule = access.operator
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        for verb, words in (("check", "report every fault of a plan"), ("load", "check a plan and take it into use")):
            verbs.add_parser(verb, help=words).add_argument("folder")
        show = verbs.add_parser("show", help="print the loaded plan")
        show.add_argument("--json", action="store_true", help="all of it, as JSON")
        show.add_argument("--plan", help="id of the plan; default: the one loaded last")
        draft = verbs.add_parser("draft", help="read a plan (.docx, text, Markdown) and write plan data to be reviewed")
        draft.add_argument("file", nargs="+", help="the plan, then its annexes")
        draft.add_argument("--out", help="folder for the TOML files, unsure.json and draft.json")
        draft.add_argument("--json", action="store_true", help="print what was read as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            match options["verb"]:
                case "check":
                    self._check(_folder(options["folder"]))
                case "load":
                    self._load(_folder(options["folder"]))
                case "show":
                    self._show(options["plan"], as_text=not options["json"])
                case "draft":
                    self._draft([Path(name) for name in options["file"]], options["out"], as_text=not options["json"])
        except PlanErrors as errors:
            self.stderr.write(f"{errors}\n{len(errors.faults)} faults. Nothing was loaded.")
            sys.exit(1)
        except OSError as fault:
            self.stderr.write(f"{fault.filename}: {fault.strerror}" if fault.filename else str(fault))
            sys.exit(2)
        except (NoPlanError, PlanChangeError, DraftError, FolderInUseError) as fault:
            self.stderr.write(str(fault))
            sys.exit(2)

    def _check(self, folder: Path) -> None:
        plan = read_plan(folder)
        if faults := check(plan, known_areas() if Area.objects.exists() else None):
            raise PlanErrors(faults)
        self.stdout.write(
            f"{plan.id} {plan.version}: no fault. {len(plan.clauses)} clauses, {len(plan.assignments)} assignments, "
            f"{len(plan.indicators)} indicators, {len(plan.measures)} measures, {len(plan.obligations)} obligation rules."
        )

    def _load(self, folder: Path) -> None:
        if not Area.objects.exists():
            self.stderr.write("Loading the area lists ...")
            load_areas()
        loaded = load_plan(folder=folder, at=settings.DIEM06_CLOCK())
        self.stdout.write(f"{loaded.plan_id} {loaded.version} is loaded, bundle {loaded.hash[:12]}.")

    def _show(self, plan_id: str | None, *, as_text: bool) -> None:
        loaded = loaded_plan(plan_id)
        if not as_text:
            self.stdout.write(json.dumps(as_json(loaded.plan), ensure_ascii=False, indent=2))
            return
        plan = loaded.plan
        self.stdout.write(
            f"{plan.id} {plan.version}, bundle {loaded.hash[:12]}, loaded {loaded.loaded_at:%d/%m/%Y %H:%M}"
        )
        self.stdout.write(f"{plan.number}, {plan.issued_on}: {plan.title}")
        for indicator in plan.indicators:
            targets = ", ".join(f"{target.value * 100:f}%" for target in indicator.targets) or "-"
            self.stdout.write(f"{indicator.code:<6} {targets:>8}  {indicator.name}")

    def _draft(self, paths: list[Path], out: str | None, *, as_text: bool) -> None:
        draft = _with_known_areas(read_draft([SourceFile(name=path.name, content=path.read_bytes()) for path in paths]))
        if out:
            _write(draft, Path(out))
        if not as_text:
            self.stdout.write(json.dumps(summary(draft), ensure_ascii=False, indent=2))
            return
        self.stdout.write(
            f"{len(draft.paragraphs)} paragraphs, {len(draft.clauses)} clauses, {len(draft.targets)} targets, "
            f"{len(draft.assignments)} assignments, {len(draft.units)} units; unsure of {len(draft.unsure)}."
        )
        for question in open_questions(draft, {}):
            self.stdout.write(f"to decide: {question.id}: {question.asks}")
        if out:
            self.stdout.write(f"Written to {out}. Review it, then: diem06 plan check {out}")


def _with_known_areas(draft: Draft) -> Draft:
    """
    Fill in codes of areas from the loaded lists, as of the plan's day; without lists or day nothing is filled in.

    Drafting needs no database: one that is not there or not set up has no lists.
    """
    day = next((each.answer for each in draft.questions if each.id == "plan.in_force_from"), "")
    try:
        is_known = bool(day) and Area.objects.exists()
    except DatabaseError:
        return draft
    if not is_known:
        return draft
    areas = areas_on(date.fromisoformat(day))
    return with_areas(
        draft, [KnownArea(code=area.code, name=area.name, level=area.level.value, parent=area.parent) for area in areas]
    )


def _write(draft: Draft, folder: Path) -> None:
    """
    Write the plan's files, unsure.json and draft.json.

    Raises FolderInUseError where a file would be lost that this command did not write just so.
    """
    files = bundle_of(draft, {}) | {"unsure.json": json.dumps(unsure_rows(draft), ensure_ascii=False, indent=2)}
    written = _written(folder)
    for path in sorted(folder.glob("*.toml")):
        if written.get(path.name) != hashlib.sha256(path.read_bytes()).hexdigest():
            message = f"{path}: was not written by this command, or was changed since. Name another folder."
            raise FolderInUseError(message)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}
    kept = {"draft": draft_as_json(draft), "written": hashes}
    (folder / KEEPS).write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")


def _written(folder: Path) -> dict[str, str]:
    """Return the digests of what an earlier draft wrote into the folder."""
    try:
        kept = json.loads((folder / KEEPS).read_text(encoding="utf-8"))["written"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _folder(name: str) -> Path:
    """Return the folder that is meant: a path, or the id of a shipped plan. Raises FileNotFoundError."""
    if Path(name).is_dir():
        return Path(name)
    try:
        return bundle_path(name)
    except KeyError:
        raise FileNotFoundError(f"{name}: no such folder, and no plan of that id is shipped.") from None
