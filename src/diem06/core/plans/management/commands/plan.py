"""`diem06 plan check|load|show`: the plan as data."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from diem06.core import access
from diem06.core.areas.actions import load_areas
from diem06.core.areas.models import Area
from diem06.core.plans.actions import PlanChangeError, load_plan
from diem06.core.plans.queries import NoPlanError, known_areas, loaded_plan
from diem06.plan.checks import check
from diem06.plan.export import as_json
from diem06.plan.faults import PlanErrors
from diem06.plan.reader import bundle_path, read_plan


class Command(BaseCommand):
    """Exit codes: 0 done, 1 the plan has faults (each printed with file and line), 2 nothing to read."""

    help = "check FOLDER, load FOLDER or show the loaded plan. FOLDER may be the id of a shipped plan: bac-giang-2023."
    access_rule = access.operator

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        for verb, words in (("check", "report every fault of a plan"), ("load", "check a plan and take it into use")):
            verbs.add_parser(verb, help=words).add_argument("folder")
        show = verbs.add_parser("show", help="print the loaded plan")
        show.add_argument("--json", action="store_true", help="all of it, as JSON")
        show.add_argument("--plan", help="id of the plan; default: the one loaded last")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            match options["verb"]:
                case "check":
                    self._check(_folder(options["folder"]))
                case "load":
                    self._load(_folder(options["folder"]))
                case "show":
                    self._show(options["plan"], as_text=not options["json"])
        except PlanErrors as errors:
            self.stderr.write(f"{errors}\n{len(errors.faults)} faults. Nothing was loaded.")
            sys.exit(1)
        except (NoPlanError, FileNotFoundError, PlanChangeError) as fault:
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


def _folder(name: str) -> Path:
    """Return the folder that is meant: a path, or the id of a shipped plan. Raises FileNotFoundError."""
    if Path(name).is_dir():
        return Path(name)
    try:
        return bundle_path(name)
    except KeyError:
        raise FileNotFoundError(f"{name}: no such folder, and no plan of that id is shipped.") from None
