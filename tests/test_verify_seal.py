"""
`tools/verify_seal.py` names what is wrong in an exported closing: one changed byte in each kind of file, in each of its fields.

The closings are real ones, of few measures and figures, so that hundreds of spoiled copies can be checked.
"""

from __future__ import annotations

import importlib.util
import json
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction

from diem06.core.plans.actions import load_plan
from diem06.core.plans.queries import loaded_plan, period
from diem06.cube.board import board
from diem06.cube.closing import actions
from diem06.cube.closing.actions import close_period, rotate_key
from diem06.cube.closing.export import export
from diem06.cube.closing.keys import signing_key
from diem06.cube.closing.public import public_key, public_pem
from diem06.plan.reader import bundle_path
from diem06.reports.actions import open_reports, record_unit_plan

pytestmark = [pytest.mark.django_db, pytest.mark.once]
TOOL = Path(__file__).resolve().parent.parent / "tools/verify_seal.py"
NOW = datetime(2023, 11, 1, 8, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
OF_VERSION_1 = Path(__file__).parent / "data/seal-of-version-1"
KINDS = {
    "figures.jsonl": "figure ",
    "restatements.jsonl": "restatement ",
    "late-facts.jsonl": "late fact ",
    "keys.jsonl": "key 2 ",
}
CODES = ("O1", "P1", "P4", "P22")

spec = importlib.util.spec_from_file_location("verify_seal", TOOL)
assert spec is not None
assert spec.loader is not None
tool = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tool)


@pytest.fixture(scope="module")
def exported(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """
    Three closed months and the folder of the third: before it the key was changed, and a fact of the first came late, which
    restates a figure of both.
    """
    folder = tmp_path_factory.mktemp("seal") / "2023-09"
    with django_db_blocker.unblock(), transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        load_plan(folder=bundle_path("bac-giang-2023"), at=NOW, is_made_up=True)
        loaded = loaded_plan()
        patch.setattr(
            actions,
            "measures_of",
            lambda _plan: ("reports_due", "units_of_plan", "unit_plans_in_time", "people_helped"),
        )
        for code in ("2023-07", "2023-08", "2023-09"):
            of = period(loaded.plan, code)
            open_reports(period=of, plan=loaded.plan, at=of.opens_at)
            at = of.lock_at + timedelta(hours=9)
            if code == "2023-09":
                late = of.lock_at - timedelta(days=1)
                rotate_key(at=late, by=None)
                record_unit_plan(
                    plan=loaded.plan, unit="ubnd-tan-yen", number="9/KH", issued_on=date(2023, 6, 20), at=late, by=None
                )
                for unit in ("so-y-te", "so-tttt"):
                    day = of.first_day + timedelta(days=3)
                    record_unit_plan(plan=loaded.plan, unit=unit, number="12/KH", issued_on=day, at=of.lock_at, by=None)
            here = board(loaded, code, known_at=at)
            found = [here.figure(code, **where) for code in CODES for where in ({}, {"area": "216"})]
            patch.setattr(actions, "figures", lambda _query, found=found: iter(found))
            closing = close_period(loaded=loaded, period=of, at=at, by=None)
        export(closing, to=folder)
        transaction.set_rollback(True)
    return folder


@pytest.fixture
def copy(exported: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(exported, tmp_path / "copy"))


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A copy of an export that was written before keys were changed and restatements sealed."""
    return Path(shutil.copytree(OF_VERSION_1, tmp_path / "old"))


def faults(folder: Path, key: str = "") -> list[str]:
    found: list[str] = []
    tool.verify(folder, key, found.append)
    return found


def files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file() and file.name != "README.md")


def spoiled(folder: Path, file: Path, content: bytes) -> list[str]:
    """Return what is found with one file exchanged, and put it back."""
    right = file.read_bytes()
    file.write_bytes(content)
    try:
        return faults(folder)
    finally:
        file.write_bytes(right)


def names_it(file: Path, line: int, seals: int) -> Callable[[str], bool]:
    """Return whether a fault names the record on a line of a file."""
    match file.name:
        case "seal.json":
            return lambda fault: fault.startswith(f"seal {seals} (")
        case "chain.jsonl":
            return lambda fault: fault.startswith(f"seal {line} (")
        case "public-key.pem":
            return lambda fault: fault.startswith("public-key.pem") or "another public key" in fault
        case "areas.jsonl" | "measures.jsonl":
            return lambda fault: fault.startswith(("digest of ", "measure ", "measures.jsonl"))
    kind = KINDS.get(file.name, "fact ")
    return lambda fault: fault.startswith(kind) and f"{file.name}, line {line})" in fault


def test_what_was_exported_fits(exported: Path) -> None:
    """Exit code 0, from a process that knows nothing of diem06; the folder has facts, figures and three seals."""
    ended = subprocess.run(
        [sys.executable, "-I", TOOL, exported, "--key", public_key(signing_key())],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "8 figures, 3 seals" in ended.stdout
    restated = [json.loads(line) for line in (exported / "restatements.jsonl").read_bytes().splitlines()]
    assert {(row["period"], row["reason"]) for row in restated} == {("2023-07", "facts"), ("2023-08", "facts")}
    for row in restated:
        assert int(row["now_numerator"]) == int(row["was_numerator"] or 0) + 1
    (late,) = [json.loads(line) for line in (exported / "late-facts.jsonl").read_bytes().splitlines()]
    assert (late["period"], late["measure"], late["day"]) == ("2023-07", "unit_plans_in_time", "2023-06-20")
    assert (late["before"], late["after"]) == (None, "1")
    assert len((exported / "chain.jsonl").read_text().splitlines()) == 2
    assert (exported / "facts/reports_due.jsonl").exists()
    assert not (exported / "facts/people_helped.jsonl").exists()


def test_the_tool_imports_nothing_of_diem06_and_no_library_but_cryptography() -> None:
    imported = set(re.findall(r"^(?:from|import) (\w+)", TOOL.read_text(), re.MULTILINE))
    assert imported - sys.stdlib_module_names == {"cryptography"}


def test_a_folder_that_is_none_is_2_and_a_wrong_one_1(copy: Path, tmp_path: Path) -> None:
    """The codes of the process."""
    run: list[str | Path] = [sys.executable, TOOL]
    assert subprocess.run([*run, tmp_path / "none"], capture_output=True, check=False).returncode == 2
    file = copy / "figures.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"standing":"', b'"standing":"x', 1))
    ended = subprocess.run([*run, copy], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout.startswith("WRONG  figure ")) == (1, True)


def test_every_field_of_every_kind_of_record(copy: Path) -> None:
    """A changed value in any field of the first and last line of any file, another type, or null, is named by its record."""
    for file in files(copy):
        if file.name == "public-key.pem":
            continue
        content = file.read_bytes().splitlines(keepends=True)
        for place in {0, len(content) - 1}:
            row = json.loads(content[place])
            for name, value in row.items():
                other: list[Any] = ["", None, 1] if value else ["x", None if value == "" else ""]
                for changed in [*other, *([value[:-1] + ("1" if value[-1] != "1" else "2")] if value else [])]:
                    line = json.dumps(row | {name: changed}, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
                    found = spoiled(copy, file, b"".join([*content[:place], line, *content[place + 1 :]]))
                    named = names_it(file, place + 1, seals=3)
                    assert any(map(named, found)), (file.name, name, changed, found)


def test_any_byte(copy: Path) -> None:
    """One bit of one byte, at 400 places of all files: its record is named, or that after it where a line's end is spoiled."""
    chance = random.Random(6)
    everything = [(file, at) for file in files(copy) for at in range(file.stat().st_size)]
    for file, at in chance.sample(everything, 400):
        content = bytearray(file.read_bytes())
        line = content[:at].count(b"\n") + 1
        content[at] ^= 1 << chance.randrange(8)
        found = spoiled(copy, file, bytes(content))
        assert any(map(names_it(file, line, seals=3), found)), (file.name, at, found)


def test_a_record_that_is_changed_with_its_hash_is_found_by_the_roots(copy: Path) -> None:
    """Of a fact the measure and area are named, of a figure that the figures are others, of an area its measure."""
    row = json.loads((copy / "figures.jsonl").read_bytes().splitlines()[0]) | {"standing": "met"}
    record = tool.encode("diem06/figure/1", row, tool.FIGURE)
    _exchange(copy / "figures.jsonl", 0, row | {"sha256": sha256(b"\0" + record).hexdigest()})
    file = copy / "facts/reports_due.jsonl"
    fact = json.loads(file.read_bytes().splitlines()[-1]) | {"value": "9"}
    record = tool.encode("diem06/fact/1", fact, tool.FACT)
    _exchange(file, -1, fact | {"sha256": sha256(b"\0" + record).hexdigest()})
    found = faults(copy)
    assert any(fault.startswith("figures: 8 are here, 8 were sealed; they are not the same") for fault in found)
    where = f"measure reports_due, area {fact['area']} of {fact['area_valid_from']}: "
    assert any(fault.startswith(where) for fault in found)
    assert len(found) == 2


def test_lines_that_are_gone_twice_or_exchanged(copy: Path) -> None:
    """The area of the facts, the figures, the chain: each is named."""
    for name, words in [
        ("facts/reports_due.jsonl", "measure reports_due, area "),
        ("figures.jsonl", "figures: "),
        ("chain.jsonl", "seal "),
        ("areas.jsonl", "measure "),
        ("measures.jsonl", "measure"),
    ]:
        file = copy / name
        lines = file.read_bytes().splitlines(keepends=True)
        for changed in (lines[1:], [*lines, lines[-1]], [lines[1], lines[0], *lines[2:]] if len(lines) > 1 else []):
            if name in {"areas.jsonl", "measures.jsonl"} and sorted(changed) == sorted(lines):
                continue  # the digests are read as a set
            found = spoiled(copy, file, b"".join(changed))
            assert any(fault.startswith((words, "fact ", "figure ", "digest ")) for fault in found), (name, found)


def test_a_missing_file_of_facts_and_one_too_many(copy: Path) -> None:
    (copy / "facts/reports_due.jsonl").rename(copy / "facts/other.jsonl")
    assert {"facts/reports_due.jsonl: the file is missing", "facts/other.jsonl: no such file was exported"} <= set(
        faults(copy)
    )


def test_an_export_from_before_keys_were_changed_fits(old: Path) -> None:
    """As it was written by an earlier version, byte for byte: by itself, and by the key that was published then."""
    assert (
        faults(OF_VERSION_1) == faults(OF_VERSION_1, json.loads((old / "seal.json").read_bytes())["public_key"]) == []
    )
    assert any("not the one that was published" in fault for fault in faults(OF_VERSION_1, "0" * 64))


def test_who_signs_anew_with_another_key_is_found_by_the_published_one(old: Path) -> None:
    """Within the folder everything fits; the key from elsewhere tells."""
    ours, theirs = json.loads((old / "seal.json").read_bytes())["public_key"], Ed25519PrivateKey.generate()
    (old / "public-key.pem").write_text(public_pem(public_key(theirs)))
    sign_anew(old, [theirs] * 3)
    assert faults(old) == []
    found = faults(old, ours)
    assert any("not the one that was published" in fault for fault in found)
    assert sum("its signature does not fit" in fault for fault in found) == 3


# -- keys that were changed ------------------------------------------------------------------------------------------------
def test_an_auditor_who_knows_the_old_key_or_the_new_one_believes_both(exported: Path) -> None:
    """And no other."""
    link = json.loads((exported / "keys.jsonl").read_bytes())
    assert json.loads((exported / "seal.json").read_bytes())["public_key"] == link["public_key"]
    assert faults(exported, link["previous"]) == faults(exported, link["public_key"]) == []
    assert faults(exported, "0" * 64) == [f"keys.jsonl: the key that was published, {'0' * 64}, is none of these keys"]


def test_a_key_that_the_old_one_did_not_sign_is_named(copy: Path) -> None:
    """Who has not the old key can put no key of his own behind it."""
    theirs = Ed25519PrivateKey.generate()
    row = json.loads((copy / "keys.jsonl").read_bytes()) | {"public_key": public_key(theirs)}
    own = tool.base64.b64encode(theirs.sign(tool.encode("diem06/key/1", row, tool.KEY))).decode()
    _exchange(copy / "keys.jsonl", 0, row | {"own_signature": own})
    (copy / "public-key.pem").write_text(public_pem(public_key(theirs)))
    sign_anew(copy, [signing_key(), signing_key(), theirs])
    assert faults(copy, row["previous"]) == [
        "key 2 (keys.jsonl, line 1): its signature does not fit, that of the old key"
    ]


def test_a_key_that_no_link_leads_to_is_named(copy: Path) -> None:
    theirs = Ed25519PrivateKey.generate()
    (copy / "public-key.pem").write_text(public_pem(public_key(theirs)))
    sign_anew(copy, [signing_key(), signing_key(), theirs])
    name = "seal 3 (2023-09, seal.json): "
    assert f"{name}it names another public key, to which no link leads" in faults(copy)
    (copy / "keys.jsonl").unlink()
    found = faults(copy)
    assert next(fault for fault in found if "it names another public key" in fault).startswith("seal 1 (")


def test_who_has_the_old_key_can_neither_go_on_with_it_nor_seal_another_past(copy: Path) -> None:
    """The link says which seal was the last one of the old key."""
    old = signing_key()  # the change of keys was rolled back here
    row = json.loads((copy / "seal.json").read_bytes())
    (copy / "public-key.pem").write_text(public_pem(public_key(old)))
    sign_anew(copy, [old] * 3)
    assert "seal 3 (2023-09, seal.json): it names another public key, not that of its time" in faults(copy)
    lines = (copy / "chain.jsonl").read_bytes().splitlines(keepends=True)
    (copy / "chain.jsonl").write_bytes(lines[0])
    (copy / "seal.json").write_bytes(lines[1].replace(b'"closed_by":null', b'"closed_by":"somebody"'))
    sign_anew(copy, [old] * 2)
    found = faults(copy, row["public_key"])
    assert "seal 2 (2023-08, seal.json): it is not the seal that was the last one of its key" in found


def sign_anew(folder: Path, signers: list[Ed25519PrivateKey]) -> None:
    """Chain the seals anew, each signed by the key given."""
    lines = [*(folder / "chain.jsonl").read_bytes().splitlines(), (folder / "seal.json").read_bytes()]
    before, signed = None, []
    for line, key in zip(lines, signers, strict=True):
        new = json.loads(line) | {"public_key": public_key(key), "previous": before}
        names = (*tool.SEAL, *tool.RESTATED) if "version" in new else tool.SEAL
        content = tool.encode(f"diem06/seal/{new.get('version', '1')}", new, names)
        before = sha256(b"\x02" + content).hexdigest()
        new |= {"hash": before, "signature": tool.base64.b64encode(key.sign(content)).decode()}
        signed.append(json.dumps(new, ensure_ascii=False, separators=(",", ":")) + "\n")
    (folder / "chain.jsonl").write_text("".join(signed[:-1]))
    (folder / "seal.json").write_text(signed[-1])


def _exchange(file: Path, place: int, row: dict[str, Any]) -> None:
    lines = file.read_bytes().splitlines(keepends=True)
    lines[place] = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    file.write_bytes(b"".join(lines))
