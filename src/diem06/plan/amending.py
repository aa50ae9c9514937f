"""
Add rows to the files of a plan, as text: what stands there stays as it is, comments included.

A new row stands where its table needs it: under its parent, after the rows of the same kind.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import PurePath

from diem06.plan.model import Plan
from diem06.plan.reader import line_of
from vnlib.text import plain_number

Value = str | int | Decimal | date | tuple[str, ...] | Mapping[str, tuple[str, ...]]

_HEADER = re.compile(r"\s*\[\[?\s*([\w.-]+)\s*\]\]?")
_INDEX = re.compile(r"\[\d+\]")
_VERSION = re.compile(r'^(version\s*=\s*")(.*)(")', re.MULTILINE)


class NoSuchTable(LookupError):
    """The files hold no such table."""


def with_row(
    files: Mapping[str, str],
    plan: Plan,
    *,
    table: str,
    values: Mapping[str, Value],
    under: str = "",
    after: str = "",
    comment: str = "",
) -> dict[str, str]:
    """
    Return the files with one more row of `table`: `decision` under `indicator[3].reading[1]`, or `assignment` at the top.

    The first row of a table at the top stands after those of the table `after`. Raises NoSuchTable where the plan has no such
    parent, or neither table.
    """
    beside = table if table in plan.positions or not after else after
    name = home_of(plan, under or beside)
    lines = files[name].splitlines()
    header = f"{_INDEX.sub('', under)}.{table}" if under else table
    row = ["", *([f"# {' '.join(comment.split())}"] if comment else []), f"[[{header}]]"]
    row += [f"{key} = {toml(value)}" for key, value in values.items()]
    end = _end_of(lines, line_of(files[name], under), header=_INDEX.sub("", under)) if under else _last(lines, beside)
    return {**files, name: "\n".join([*lines[:end], *row, *lines[end:]]) + "\n"}


def with_key(files: Mapping[str, str], plan: Plan, *, table: str, key: str, value: Value) -> dict[str, str]:
    """
    Return the files with `key` among the plain keys of a row, such as `until` of `obligation[3]`.

    Where the row has the key already, its old line stays as a comment.
    """
    name = home_of(plan, table)
    lines = files[name].splitlines()
    start = end = line_of(files[name], table)
    while end < len(lines) and not _HEADER.match(lines[end]):
        end += 1
    last = len(_up(lines[:end]))
    row = [f"# {line}" if re.match(rf"\s*{re.escape(key)}\s*=", line) else line for line in lines[start:last]]
    return {**files, name: "\n".join([*lines[:start], *row, f"{key} = {toml(value)}", *lines[last:]]) + "\n"}


def next_version(files: Mapping[str, str]) -> dict[str, str]:
    """Return the files with the last number of the plan's version one higher: 1 -> 1.1 -> 1.2."""

    def higher(match: re.Match[str]) -> str:
        head, _, last = match[2].rpartition(".")
        version = f"{head}.{int(last) + 1}" if head and last.isdecimal() else f"{match[2]}.1"
        return f"{match[1]}{version}{match[3]}"

    for name, text in files.items():
        top = re.split(r"^\s*\[", text, maxsplit=1, flags=re.MULTILINE)[0]
        if _VERSION.search(top):
            return {**files, name: _VERSION.sub(higher, top, count=1) + text[len(top) :]}
    raise NoSuchTable("version")


def home_of(plan: Plan, path: str) -> str:
    """Return the name of the file that holds a table. Raises NoSuchTable."""
    if path not in plan.positions:
        raise NoSuchTable(path)
    return PurePath(plan.positions[path][0]).name


def toml(value: Value) -> str:
    """Return a value as TOML on one line."""
    match value:
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
        case date():
            return value.isoformat()
        case Decimal():
            return plain_number(value)
        case tuple():
            return "[" + ", ".join(toml(each) for each in value) + "]"
        case Mapping():
            return "{ " + ", ".join(f"{key} = {toml(each)}" for key, each in value.items()) + " }"
        case _:
            return str(value)


def _end_of(lines: list[str], start: int, *, header: str) -> int:
    """Return after how many lines the row ends that begins at line `start`, its inner tables included."""
    end = start
    while end < len(lines):
        found = _HEADER.match(lines[end])
        if found and not found[1].startswith(f"{header}."):
            break
        end += 1
    return len(_up(lines[:end]))


def _last(lines: list[str], table: str) -> int:
    starts = [number for number, line in enumerate(lines, 1) if (found := _HEADER.match(line)) and found[1] == table]
    return _end_of(lines, starts[-1], header=table)


def _up(lines: list[str]) -> list[str]:
    """Drop the blank lines and comments at the end: they belong to what follows."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return lines[:end]
