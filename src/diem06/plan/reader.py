"""
Read a plan from a folder of TOML files into one frozen `Plan`.

Each top-level key (`[[indicator]]`, `[report]`, `title`) may stand in any file of the folder, but in one only.
Arrays of tables are named in the singular. Nothing is coerced: "7" is no number. Files hold only `[table]`, `[[table]]` and
`key = value` on one line, so that every fault has its line.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import partial
from pathlib import Path
from types import GenericAlias
from typing import TYPE_CHECKING, Any, get_args, get_origin

from cattrs import Converter
from cattrs.errors import ClassValidationError, ForbiddenExtraKeysError, IterableValidationError
from cattrs.gen import make_dict_structure_fn, override

from diem06.plan import model
from diem06.plan.faults import Fault, PlanErrors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

BUNDLES = Path(__file__).parent / "bundles"

# Where the TOML key differs from the field: `from` is a word of Python, and an array of tables is named for one of its rows.
KEYS: dict[type, dict[str, str]] = {
    model.Plan: {
        name: name.removesuffix("s")
        for name in (
            "paragraphs", "clauses", "pilots", "units", "groups", "assignments", "measures", "labels", "obligations",
            "indicators", "standing_rules", "precedences", "listings", "scope_lists", "documents",
        )
    } | {"duties": "duty"},
    model.Clause: {"spans": "span", "corrections": "correction"},
    model.Unit: {"names": "name"},
    model.Measure: {"dimensions": "dimension"},
    model.Indicator: {"targets": "target", "deadlines": "deadline", "readings": "reading"},
    model.Reading: {"parts": "part", "targets": "target", "decisions": "decision"},
    model.ReportText: {"kinds": "kind"},
}  # fmt: skip
_FROM = {"from_day": "from"}
_EXAMPLES: dict[type, tuple[str, str]] = {
    str: ("text", 'Write it between quotes: "text".'),
    int: ("a whole number", "Write digits without quotes: 6."),
    bool: ("true or false", "Write true or false without quotes."),
    Decimal: ("a number", "Write a figure such as 0.5, without quotes."),
    date: ("a day", "Write a day as 2023-07-31, without quotes."),
}

_HEADER = re.compile(r"\[\[\s*([\w.-]+)\s*\]\]|\[\s*([\w.-]+)\s*\]")
_KEY = re.compile(r"([\w-]+)\s*=(?!\s*(?:'''|\"\"\"))")
_SYNTAX = re.compile(r"(?P<wrong>.*) \(at (?:line (?P<line>\d+), column \d+|end of document)\)")


class WrongValue(ValueError):
    """A value of the wrong kind: what is wrong, and what to write."""

    def __init__(self, wrong: str, write: str) -> None:
        super().__init__(wrong)
        self.wrong = wrong
        self.write = write


def bundle_path(plan_id: str) -> Path:
    """Return the folder of the plan of this id that is shipped with the product; raise `KeyError` if there is none."""
    folders = bundles()
    if plan_id not in folders:
        message = f"no plan {plan_id!r} is shipped; shipped are {', '.join(folders) or 'none'}"
        raise KeyError(message)
    return folders[plan_id]


def bundles() -> dict[str, Path]:
    """Return the folders of all shipped plans by plan id."""
    return {folder.name.replace("_", "-"): folder for folder in sorted(BUNDLES.iterdir()) if folder.is_dir()}


def read_plan(folder: Path) -> model.Plan:
    """
    Read the plan in `folder`; raise one `PlanErrors` with every fault of form.

    What the plan says is not judged here: see `checks.check`. Its `positions` tell where each path was read from.
    """
    files, faults = _load(folder)
    if faults:
        raise PlanErrors(faults)
    tables, home, faults = _merged(files)
    first = files[0].name
    positions: dict[str, tuple[str, int]] = {}
    for file in files:
        positions |= {path: (file.name, line) for path, line in _lines(file.text)}
    try:
        plan = _converter().structure(tables, model.Plan)
    except ClassValidationError as error:
        for path, wrong, write in _problems(error, model.Plan, ""):
            key = path.partition(".")[0].partition("[")[0]
            if key in home:
                faults.append(Fault(home[key].name, line_of(home[key].text, path), path, wrong, write))
            else:
                faults.append(Fault(first, 1, path, wrong, write))
    if faults:
        raise PlanErrors(faults)
    return dataclasses.replace(plan, positions=positions)


def line_of(text: str, path: str) -> int:
    """
    Return the line of `path` in a file of the plain form; of the nearest table or key above it where it is not there.

    A path outside any table that is not there has line 1.
    """
    lines = dict(_lines(text))
    while path:
        if path in lines:
            return lines[path]
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return 1


def toml_keys(table: type) -> list[tuple[dataclasses.Field[Any], str]]:
    """Return the fields of a class of `model` that a file may give, each with its key in TOML."""
    keys = _keys(table)
    return [
        (field, keys.get(field.name, field.name)) for field in dataclasses.fields(table) if field.name != "positions"
    ]


@dataclass(frozen=True)
class _File:
    name: str
    text: str
    tables: dict[str, Any]


def _load(folder: Path) -> tuple[list[_File], list[Fault]]:
    """Read and parse each file; a plan.toml comes first, so that what is missing is told there."""
    paths = sorted(folder.glob("*.toml"), key=lambda path: (path.name != "plan.toml", path.name))
    if not paths:
        return [], [
            Fault(str(folder), 1, "", "there is no .toml file.", "Name the folder that holds the plan's files.")
        ]
    files, faults = [], []
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            faults.append(Fault(str(path), 1, "", "the file is not UTF-8.", "Save it as UTF-8."))
            continue
        faults.extend(_outside_plain_form(str(path), text))
        try:
            files.append(_File(str(path), text, tomllib.loads(text, parse_float=Decimal)))
        except tomllib.TOMLDecodeError as error:
            match = _SYNTAX.fullmatch(str(error))
            wrong = match["wrong"] if match else str(error)
            line = int(match["line"]) if match and match["line"] else max(len(text.splitlines()), 1)
            faults.append(Fault(str(path), line, "", f"not TOML: {wrong}.", "Write [table], [[table]] or key = value."))
    by_line = {(fault.file, fault.line): fault for fault in faults}  # a broken line is told once
    return files, list(by_line.values())


def _outside_plain_form(name: str, text: str) -> Iterator[Fault]:
    for number, line in enumerate(text.splitlines(), 1):
        plain = line.strip()
        if plain and not plain.startswith("#") and not _HEADER.match(plain) and not _KEY.match(plain):
            yield Fault(
                name,
                number,
                "",
                "this line is neither [table], [[table]] nor key = value.",
                "Write each value on one line.",
            )


def _merged(files: list[_File]) -> tuple[dict[str, Any], dict[str, _File], list[Fault]]:
    tables: dict[str, Any] = {}
    home: dict[str, _File] = {}
    faults: list[Fault] = []
    for file in files:
        for key, value in file.tables.items():
            if key in home:
                other = home[key]
                wrong = f"stands also in {other.name}:{line_of(other.text, key)}."
                faults.append(
                    Fault(file.name, line_of(file.text, key), key, wrong, "Keep each top-level key in one file.")
                )
            else:
                tables[key], home[key] = value, file
    return tables, home, faults


def _lines(text: str) -> Iterator[tuple[str, int]]:
    """Yield each table and key with its line. An array is also told by its first row."""
    counts: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        plain = line.strip()
        if header := _HEADER.match(plain):
            *above, last = (header[1] or header[2]).split(".")
            table = ""
            for name in above:
                table = _under(table, name)
                table += f"[{counts[table]}]" if table in counts else ""
            table = _under(table, last)
            if header[1]:
                counts[table] = counts.get(table, -1) + 1
                if counts[table] == 0:
                    yield table, number
                table += f"[{counts[table]}]"
            yield table, number
        elif key := _KEY.match(plain):
            yield _under(table, key[1]), number


def _under(table: str, key: str) -> str:
    return f"{table}.{key}" if table else key


# --- Strict hooks: cattrs turns "7" into 7 and "abc" into three letters unless told otherwise.


def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True)
    converter.register_structure_hook(str, _scalar)
    converter.register_structure_hook(int, _scalar)
    converter.register_structure_hook(bool, _scalar)
    converter.register_structure_hook(Decimal, _decimal)
    converter.register_structure_hook(date, _scalar)
    converter.register_structure_hook(StrEnum, _choice)
    converter.register_structure_hook_factory(_is_rows, partial(_rows_hook, converter))
    converter.register_structure_hook_factory(_is_choices, partial(_choices_hook, converter))
    converter.register_structure_hook_factory(dataclasses.is_dataclass, partial(_table_hook, converter))
    return converter


def _is_rows(kind: object) -> bool:
    return issubclass(get_origin(kind) or object, tuple)


def _is_choices(kind: object) -> bool:
    return issubclass(get_origin(kind) or object, dict)


def _scalar(value: object, kind: type) -> object:
    if type(value) is not kind:  # exactly: True is an int and a time is a date
        expected, write = _EXAMPLES[kind]
        raise WrongValue(f"expected {expected}, got {_shown(value)}.", write)
    return value


def _decimal(value: object, kind: type) -> Decimal:
    if type(value) is int:
        return Decimal(value)
    number = _scalar(value, kind)
    if not isinstance(number, Decimal) or not number.is_finite():
        raise WrongValue(f"expected a number, got {_shown(value)}.", _EXAMPLES[Decimal][1])
    return number


def _choice(value: object, kind: type[StrEnum]) -> StrEnum:
    if not isinstance(value, str) or value not in list(kind):
        raise WrongValue(f"expected one of the words below, got {_shown(value)}.", f"Write {_one_of(list(kind))}.")
    return kind(value)


def _rows_hook(converter: Converter, kind: Any) -> Callable[[object, Any], object]:
    of_what: Any = get_args(kind)[0]
    listed = GenericAlias(list, of_what)
    tables = dataclasses.is_dataclass(of_what)
    base = converter.get_structure_hook(listed)

    def rows(value: object, _: object) -> object:
        if not isinstance(value, list):
            write = "Head each row with [[...]] of this name." if tables else 'Write a list: ["a", "b"].'
            raise WrongValue(f"expected a list, got {_shown(value)}.", write)
        return tuple(base(value, listed))

    return rows


def _choices_hook(converter: Converter, kind: Any) -> Callable[[object, Any], object]:
    of_what = get_args(kind)[1]

    def choices(value: object, _: object) -> object:
        if not isinstance(value, dict):
            raise WrongValue(f"expected a table, got {_shown(value)}.", 'Write { dimension = ["value", "value"] }.')
        return {name: converter.structure(each, of_what) for name, each in value.items()}

    return choices


def _table_hook(converter: Converter, kind: Any) -> Callable[[object, Any], object]:
    overrides = {name: override(rename=key) for name, key in _keys(kind).items()}
    if kind is model.Plan:
        overrides["positions"] = override(omit=True)
    base = make_dict_structure_fn(kind, converter, _cattrs_forbid_extra_keys=True, **overrides)  # type: ignore[arg-type]

    def table(value: object, _: object) -> object:
        if not isinstance(value, dict):
            raise WrongValue(
                f"expected a table, got {_shown(value)}.", "Head its keys with [...] or [[...]] of this name."
            )
        return base(value, kind)

    return table


def _keys(kind: type) -> Mapping[str, str]:
    """Return the TOML keys of the fields of `kind` that are called otherwise in Python."""
    fields = {field.name for field in dataclasses.fields(kind)}
    return {name: key for name, key in (_FROM | KEYS.get(kind, {})).items() if name in fields}


# --- From cattrs' groups of errors to (path, what is wrong, what to write).


def _problems(error: BaseException, kind: Any, path: str) -> Iterator[tuple[str, str, str]]:
    match error:
        case ClassValidationError():
            noted, others = error.group_exceptions()
            for inner, note in noted:
                key = _keys(kind).get(note.name, note.name)
                if isinstance(inner, KeyError):
                    yield _under(path, key), "is missing.", _how_to_add(kind, note.name, path)
                else:
                    yield from _problems(inner, note.type, _under(path, key))
        case IterableValidationError():
            rows, others = error.group_exceptions()
            for inner, row in rows:
                yield from _problems(inner, row.type, f"{path}[{row.index}]")
        case ForbiddenExtraKeysError():
            others = []
            for key in sorted(error.extra_fields):
                write = f"Drop it, or write {_one_of(known for _, known in toml_keys(kind))}."
                yield _under(path, key), "is not known here.", write
        case WrongValue():
            others = []
            yield path, error.wrong, error.write
        case _:
            raise error
    for inner in others:
        yield from _problems(inner, kind, path)


def _how_to_add(kind: type, field: str, path: str) -> str:
    key = _keys(kind).get(field, field)
    if field in KEYS.get(kind, {}):
        name = _under(re.sub(r"\[\d+\]", "", path), key)
        return f"Add [[{name}]]" + ("." if path else f", or {key} = [] if there is none.")
    if kind is model.Plan and field in ("periods", "report"):
        return f"Add [{key}] with its keys."
    return f"Add {key} = ... under this header."


def _one_of(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def _shown(value: object) -> str:
    match value:
        case str():
            return f'"{value}"'
        case bool():
            return str(value).lower()
        case dict():
            return "a table"
        case list():
            return "a list"
        case datetime() | date():
            return value.isoformat()
        case _:
            return str(value)
