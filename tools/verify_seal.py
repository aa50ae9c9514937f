"""
Check an exported closing («số liệu đã chốt») without diem06: one file, Python 3.11 or later and `cryptography`.

    python verify_seal.py DIR [--key HEX]

DIR is what `diem06 seal export PERIOD --out DIR` wrote; docs/seal-format.md describes it. `--key` is the public key as its office
has published it: without it the key in DIR is believed, and a folder that was signed anew with another key is not found out. Where
the key was changed since, any key of the chain will do, an old one or a new one: the best is the newest that is known.

Exits 0 where everything fits; 1 where something does not, each wrong fact, figure, restatement, digest, seal or key named on a line
of its own; 2 where DIR is no such folder.
"""

import argparse
import base64
import binascii
import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

SEAL = (
    "number", "plan", "plan_version", "plan_hash", "calendar", "period", "first_day", "last_day", "facts_from", "closed_at",
    "closed_by", "revision", "facts", "facts_root", "figures", "figures_root", "public_key", "previous",
)  # fmt: skip
RESTATED = ("restatements", "restatements_root", "late_facts", "late_facts_root")
KEY = ("number", "public_key", "previous", "since", "last_seals")
FACT = (
    "measure", "area", "area_valid_from", "source", "day", "recorded_at", "unit", "place", "dimensions", "entity", "value",
    "record",
)  # fmt: skip
FIGURE = ("key", "numerator", "denominator", "value", "target", "grade", "standing")
RESTATEMENT = (
    "period", "key", *(f"was_{name}" for name in FIGURE[1:]), *(f"now_{name}" for name in FIGURE[1:]), "reason",
)  # fmt: skip
LATE = (
    "period", "measure", "area", "area_valid_from", "source", "day", "changed_at", "unit", "place", "dimensions", "entity",
    "before", "after", "record", "before_record",
)  # fmt: skip
AREA = ("measure", "area", "area_valid_from", "facts", "root")
MEASURE = ("measure", "facts", "root")
EMPTY_ROOT = hashlib.sha256().hexdigest()

Row = dict[str, str | None]
Say = Callable[[str], None]


# -- bytes and hashes ------------------------------------------------------------------------------------------------
def encode(tag: str, row: Row, names: tuple[str, ...]) -> bytes:
    """Return the bytes of a record: its tag and fields, each `N` or `T`, length, `:`, UTF-8."""
    parts = []
    for value in (tag, *(row[name] for name in names)):
        raw = b"" if value is None else value.encode()
        parts.append(b"N" if value is None else b"T%d:%s" % (len(raw), raw))
    return b"".join(parts)


class Tree:
    """A Merkle tree as in RFC 6962, of which only the roots of whole subtrees are kept."""

    def __init__(self) -> None:
        self.leaves = 0
        self.roots: list[bytes] = []

    def add(self, record: bytes) -> None:
        node, number = hashlib.sha256(b"\x00" + record).digest(), self.leaves
        while number & 1:
            node = hashlib.sha256(b"\x01" + self.roots.pop() + node).digest()
            number >>= 1
        self.roots.append(node)
        self.leaves += 1

    def root(self) -> str:
        if not self.roots:
            return EMPTY_ROOT
        *wider, node = self.roots
        for left in reversed(wider):
            node = hashlib.sha256(b"\x01" + left + node).digest()
        return node.hex()


def root_of(records: list[bytes]) -> str:
    tree = Tree()
    for record in sorted(records):
        tree.add(record)
    return tree.root()


# -- reading ---------------------------------------------------------------------------------------------------------
def lines(file: Path) -> Iterator[bytes]:
    """Yield the lines of a file with their ends; only a line feed ends one."""
    with file.open("rb") as opened:
        yield from opened


def read(line: bytes, names: tuple[str, ...]) -> Row | None:
    """Return the row of a line, or None where it is not written letter by letter as the export writes it."""
    try:
        row = json.loads(line)
        if not isinstance(row, dict) or tuple(row) != names:
            return None
        if not all(value is None or isinstance(value, str) for value in row.values()):
            return None
        again = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    except (ValueError, RecursionError):  # no JSON, no UTF-8
        return None
    return row if again == line else None


def label(line: bytes, *names: str) -> str:
    """Return what can be made out of a line that is not whole, to name it."""
    found = [re.search(rb'"%s":"([^"]*)"' % name.encode(), line) for name in names]
    return " ".join(match[1].decode(errors="replace") for match in found if match) or "not readable"


# -- keys ------------------------------------------------------------------------------------------------------------
class Keys:
    """Which key must have signed a seal, by its number: one key, or a chain in which each hands over to the next."""

    def __init__(self, first: str | None) -> None:
        self.known = [first]
        self.last: list[tuple[int, str]] = []  # number and hash of the last seal of each key but the newest

    def of(self, number: int) -> str | None:
        return self.known[sum(number > last for last, _hash in self.last)]


def read_keys(folder: Path, plan: str, own: str | None, expected: str, say: Say) -> Keys:
    """Read the chain of keys, where the folder has one; `own` is its one key, `expected` that which was published."""
    if not (folder / "keys.jsonl").exists():
        if own is not None and expected and own != expected:
            say(f"public-key.pem: the key is {own}, not the one that was published")
        return Keys(expected or own)
    keys = Keys(None)
    for place, line in enumerate(lines(folder / "keys.jsonl")):
        name = f"key {place + 2} (keys.jsonl, line {place + 1})"
        row = read(line, (*KEY, "signature", "own_signature"))
        last = last_seal(row, plan) if row else None
        if row is None or last is None:
            say(f"{name}: it is not written as it was exported")
            continue
        if place == 0:
            keys.known = [row["previous"]]
        check_link(name, row, keys, place, say)
        if keys.last and last[0] < keys.last[-1][0]:
            say(f"{name}: it names seal {last[0]}, which an earlier key had signed already")
        keys.known.append(row["public_key"])
        keys.last.append(last)
    if expected and expected not in keys.known:
        say(f"keys.jsonl: the key that was published, {expected}, is none of these keys")
    return keys


def check_link(name: str, row: Row, keys: Keys, place: int, say: Say) -> None:
    if row["number"] != str(place + 2):
        say(f"{name}: it is number {row['number']}")
    if row["previous"] != keys.known[-1]:
        say(f"{name}: it does not follow the key before it")
    content = encode("diem06/key/1", row, KEY)
    for signature, key, whose in (
        ("signature", "previous", "the old key"),
        ("own_signature", "public_key", "the new key"),
    ):
        if fault := fault_of_signature(row[signature], row[key], content):
            say(f"{name}: {fault}, that of {whose}")


def last_seal(row: Row, plan: str) -> tuple[int, str] | None:
    """Return number and hash of the last seal of a plan before a key took over; None where that is not to be read."""
    found = (0, "")
    for seal in (row["last_seals"] or "").split():
        if not re.fullmatch(r"[^/]+/[1-9][0-9]*/[0-9a-f]{64}", seal):
            return None
        of, number, known_hash = seal.split("/")
        if of == plan:
            found = (int(number), known_hash)
    return found


def fault_of_signature(signature: str | None, key: str | None, content: bytes) -> str:
    try:
        raw = base64.b64decode(signature or "", validate=True)
        if base64.b64encode(raw).decode() != signature:
            return "its signature is not written as it was exported"
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key or "")).verify(raw, content)
    except (InvalidSignature, binascii.Error, ValueError):
        return "its signature does not fit"
    return ""


def public_key(file: Path, say: Say) -> str | None:
    content = file.read_bytes()
    try:
        key = load_pem_public_key(content)
        again = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    except ValueError:
        say(f"{file.name}: it holds no public key")
        return None
    if not isinstance(key, Ed25519PublicKey) or again != content:
        say(f"{file.name}: it is not written as it was exported")
        return None
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


# -- seals -----------------------------------------------------------------------------------------------------------
def check_seals(folder: Path, expected_key: str, say: Say) -> Row | None:
    """Check the chain and the seal of the folder; return that, or None where it cannot be read."""
    found = [("chain.jsonl", line) for line in lines(folder / "chain.jsonl")]
    last = (folder / "seal.json").read_bytes()
    own = public_key(folder / "public-key.pem", say)
    keys = read_keys(folder, label(last, "plan"), own, expected_key, say)
    before: Row | None = None
    seal: Row | None = None
    for number, (file, line) in enumerate([*found, ("seal.json", last)], 1):
        name = f"seal {number} ({label(line, 'period')}, {file})"
        seal = read_seal(line)
        if seal is None:
            say(f"{name}: it is not written as it was exported")
        else:
            check_seal(name, seal, number, keys, say)
            check_chain(name, seal, before, is_first=number == 1, say=say)
        before = seal
    if keys.last and seal and own not in (None, seal["public_key"]):
        say("public-key.pem: it is not the key of the seal")
    return seal


def read_seal(line: bytes) -> Row | None:
    """Return a seal of version 1, which does not say so, or of version 2, which holds restatements too."""
    seal = read(line, (*SEAL, "hash", "signature"))
    if seal is None:
        seal = read(line, ("version", *SEAL, *RESTATED, "hash", "signature"))
        return seal if seal and seal["version"] == "2" else None
    return seal


def check_seal(name: str, seal: Row, number: int, keys: Keys, say: Say) -> None:
    if "version" in seal:
        content = encode("diem06/seal/2", seal, (*SEAL, *RESTATED))
    else:
        content = encode("diem06/seal/1", seal, SEAL)
    key = keys.of(number)
    if seal["number"] != str(number):
        say(f"{name}: it is number {seal['number']}, the one at this place is number {number}")
    if seal["hash"] != hashlib.sha256(b"\x02" + content).hexdigest():
        say(f"{name}: its content is not what was sealed (its hash differs)")
    if key is not None and seal["public_key"] != key:
        why = (
            ""
            if not keys.last
            else ", to which no link leads"
            if seal["public_key"] not in keys.known
            else ", not that of its time"
        )
        say(f"{name}: it names another public key{why}")
    if fault := fault_of_signature(seal["signature"], key or seal["public_key"], content):
        say(f"{name}: {fault}")
    for last, known_hash in keys.last:
        if last == number and seal["hash"] != known_hash:
            say(f"{name}: it is not the seal that was the last one of its key")


def check_chain(name: str, seal: Row, before: Row | None, *, is_first: bool, say: Say) -> None:
    if is_first:
        if seal["previous"] is not None:
            say(f"{name}: it follows a seal that is missing here")
    elif before is not None and seal["previous"] != before["hash"]:
        say(f"{name}: it does not follow the seal before it")
    elif before is not None and seal["plan"] != before["plan"]:
        say(f"{name}: it is of another plan than the seal before it")


# -- figures, restatements, late facts ---------------------------------------------------------------------------------
def check_rows(
    folder: Path,
    seal: Row | None,
    say: Say,
    *,
    kind: str,
    names: tuple[str, ...],
    label_by: tuple[str, ...],
    file: str,
    total: str,
) -> int:
    """Check the lines of a file against the number and the root of them in the seal (`total`, `total`_root); return how many fit."""
    tree, last, wrong = Tree(), b"", False
    for number, line in enumerate(lines(folder / file), 1):
        where = f"{'late fact' if kind == 'late' else kind} {label(line, *label_by)} ({file}, line {number})"
        row = read(line, (*names, "sha256"))
        record = encode(f"diem06/{kind}/1", row, names) if row else b""
        if row is None:
            say(f"{where}: it is not written as it was exported")
        elif row["sha256"] != hashlib.sha256(b"\x00" + record).hexdigest():
            say(f"{where}: it is not what was closed (its hash differs)")
        elif record <= last:
            say(f"{where}: it stands at a wrong place, or twice")
        else:
            tree.add(record)
            last = record
            continue
        wrong = True
    if seal and not wrong and (str(tree.leaves), tree.root()) != (seal[total], seal[f"{total}_root"]):
        say(
            f"{total.replace('_', ' ')}: {tree.leaves} are here, {seal[total]} were sealed; they are not the same (their root differs)"
        )
    return tree.leaves


# -- facts -----------------------------------------------------------------------------------------------------------
def read_digests(file: Path, names: tuple[str, ...], by: int, say: Say) -> dict[tuple[str | None, ...], Row]:
    """Return the rows of a file of digests by their first `by` fields."""
    found: dict[tuple[str | None, ...], Row] = {}
    for number, line in enumerate(lines(file), 1):
        row = read(line, names)
        name = tuple(row[field] for field in names[:by]) if row else ()
        if row is None or name in found or not (row["facts"] or "").isdecimal():
            say(
                f"digest of {label(line, *names[:by])} ({file.name}, line {number}): it is not written as it was exported"
            )
        else:
            found[name] = row
    return found


def check_digests(folder: Path, seal: Row | None, say: Say) -> tuple[dict[tuple[str | None, ...], Row], dict[str, Row]]:
    """Check areas against measures against the seal; return both as they are written."""
    areas = read_digests(folder / "areas.jsonl", AREA, 3, say)
    measures = {str(name[0]): row for name, row in read_digests(folder / "measures.jsonl", MEASURE, 1, say).items()}
    by_measure: dict[str, list[Row]] = {measure: [] for measure in measures}
    for row in areas.values():
        by_measure.setdefault(str(row["measure"]), []).append(row)
    for measure, within in by_measure.items():
        kept = measures.get(measure)
        root = root_of([encode("diem06/area/1", row, AREA) for row in within])
        if kept is None:
            say(f"measure {measure}: measures.jsonl does not have it")
        elif (kept["facts"], kept["root"]) != (total_of(within), root):
            say(f"measure {measure}: the digests of its areas do not make up its digest")
    root = root_of([encode("diem06/measure/1", row, MEASURE) for row in measures.values()])
    if seal and (seal["facts"], seal["facts_root"]) != (total_of(list(measures.values())), root):
        say("measures.jsonl: the digests of the measures do not make up what was sealed")
    return areas, measures


def total_of(rows: list[Row]) -> str:
    return str(sum(int(row["facts"] or 0) for row in rows))


def check_facts(folder: Path, areas: dict[tuple[str | None, ...], Row], measures: dict[str, Row], say: Say) -> int:
    files = {file.name: file for file in sorted((folder / "facts").iterdir())}
    wanted = {f"{measure}.jsonl" for measure, row in measures.items() if row["facts"] != "0"}
    for name in sorted(wanted - files.keys()):
        say(f"facts/{name}: the file is missing")
    found: set[tuple[str | None, ...]] = set()
    total = 0
    for name, file in files.items():
        if name not in wanted:
            say(f"facts/{name}: no such file was exported")
            continue
        total += check_file(file, name.removesuffix(".jsonl"), areas, found, say)
    for group in areas.keys() - found:
        if f"{group[0]}.jsonl" in files:
            say(
                f"measure {group[0]}, area {group[1]} of {group[2]}: {areas[group]['facts']} facts were sealed, none is here"
            )
    return total


def check_file(
    file: Path, measure: str, areas: dict[tuple[str | None, ...], Row], found: set[tuple[str | None, ...]], say: Say
) -> int:
    """Check the facts of one measure, which stand in the order of their bytes, so area by area."""
    total, last = 0, b""
    now: tuple[str | None, ...] = ()
    tree = Tree()

    def end_of_area() -> None:
        if not now:
            return
        kept = areas.get(now)
        where = f"measure {now[0]}, area {now[1]} of {now[2]}"
        if kept is None:
            say(f"{where}: {tree.leaves} facts are here, none was sealed")
        elif now in found or (str(tree.leaves), tree.root()) != (kept["facts"], kept["root"]):
            say(
                f"{where}: {tree.leaves} facts are here, {kept['facts']} were sealed; they are not the same (their root differs)"
            )
        found.add(now)

    for number, line in enumerate(lines(file), 1):
        where = f"fact {label(line, 'measure', 'area', 'record')} (facts/{file.name}, line {number})"
        row = read(line, (*FACT, "sha256"))
        if row is None:
            say(f"{where}: it is not written as it was exported")
            continue
        record = encode("diem06/fact/1", row, FACT)
        if row["sha256"] != hashlib.sha256(b"\x00" + record).hexdigest():
            say(f"{where}: it is not what was sealed (its hash differs)")
            continue
        if row["measure"] != measure or record < last:
            say(f"{where}: it stands at a wrong place")
            continue
        group = tuple(row[name] for name in AREA[:3])
        if group != now:
            end_of_area()
            now, tree = group, Tree()
        tree.add(record)
        last = record
        total += 1
    end_of_area()
    return total


def verify(folder: Path, key: str, say: Say) -> tuple[Row | None, int, int]:
    """Check a folder; `say` is told each fault. Returns the seal and how many figures and facts fit their hashes."""
    seal = check_seals(folder, key, say)
    rows = partial(check_rows, folder, seal, say)
    figures = rows(kind="figure", names=FIGURE, label_by=("key",), file="figures.jsonl", total="figures")
    if seal and "version" in seal:
        rows(kind="restatement", names=RESTATEMENT, label_by=("key",), file="restatements.jsonl", total="restatements")
        rows(
            kind="late",
            names=LATE,
            label_by=("period", "measure", "area", "record"),
            file="late-facts.jsonl",
            total="late_facts",
        )
    areas, measures = check_digests(folder, seal, say)
    return seal, figures, check_facts(folder, areas, measures, say)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument(
        "--key", default="", metavar="HEX", help="the public key as it was published: 64 hexadecimal digits"
    )
    asked = parser.parse_args()
    faults: list[str] = []

    def say(fault: str) -> None:
        faults.append(fault)
        print(f"WRONG  {fault}")

    try:
        seal, figures, facts = verify(asked.folder, asked.key.lower(), say)
    except OSError as fault:
        print(f"{asked.folder} is no exported closing: {fault}", file=sys.stderr)
        return 2
    if faults:
        print(f"{len(faults)} faults.")
        return 1
    assert seal is not None
    print(
        f"Everything fits: {seal['period']} of {seal['plan']}, {facts} facts, {figures} figures, {seal['number']} seals."
    )
    print(f"Seal {seal['hash']}, closed at {seal['closed_at']}.")
    print(f"Signed with {seal['public_key']}" + ("." if asked.key else ": compare it with the key that was published."))
    return 0


if __name__ == "__main__":
    sys.exit(main())
