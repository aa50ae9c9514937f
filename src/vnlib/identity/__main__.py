"""
Command line: `python -m vnlib.identity {qr,mrz,number,insurance,chip,masterlist} …`.

The readers of text take JSON strings from standard input, one a line, and print one JSON object a line, flushed each. A line that is
no JSON string, or longer than `LONGEST_LINE`, is answered with the reason bad_input.
"""

import argparse
import contextlib
import datetime as dt
import functools
import importlib
import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TextIO

from vnlib.identity.chip.command import add_commands
from vnlib.identity.number import today_in_vietnam
from vnlib.identity.reading import Reading, Verdict


class TextReader(NamedTuple):
    """A reader of one text: where it stands, whether it asks what day it is, and what it says of a line that is no JSON string."""

    module: str
    function: str
    takes_today: bool
    refusal: Verdict
    help: str


LONGEST_LINE = 1024 * 1024
"""Characters of one line of input; no reader takes texts as long as that."""

READERS = {
    "qr": TextReader("vnlib.identity.qr", "read_card_qr", True, Verdict.REFUSED, "texts of the QR on an identity card"),
    "mrz": TextReader("vnlib.identity.mrz", "read_mrz", True, Verdict.INVALID, "machine-readable zones"),
    "number": TextReader("vnlib.identity.number", "read_number", True, Verdict.INVALID, "citizen numbers"),
    "insurance": TextReader("vnlib.identity.insurance", "read_insurance", False, Verdict.INVALID, "insurance numbers"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run one command; 0 done, 1 a file cannot be read or nothing can be printed, 2 wrong usage.

    What a text or a chip is worth stands in what is printed, not in the exit code.
    """
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    if sys.stdout is None:
        return 1  # closed by who started this: nobody would hear an answer
    try:
        done = run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        _close_output()  # who read the answers has gone, as `head` does
        return 1
    except OSError as error:
        _close_output()
        sys.stderr.write(f"{error}\n")
        return 1
    return done


def _close_output() -> None:
    """Send what is still unwritten nowhere, so that the interpreter does not try again when it ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m vnlib.identity", description="Vietnamese identity documents.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, reader in READERS.items():
        command = commands.add_parser(name, help=f"read {reader.help}: JSON strings on stdin, one a line")
        if reader.takes_today:
            command.add_argument("--today", type=dt.date.fromisoformat, help="judge as of this day (YYYY-MM-DD)")
        command.set_defaults(run=_read_lines, today=None)
    add_commands(commands)  # chip, masterlist: each sets `run`, as above
    return parser


def _read_lines(options: argparse.Namespace) -> int:
    reader = READERS[options.command]
    read: Callable[..., Reading] = getattr(importlib.import_module(reader.module), reader.function)
    if reader.takes_today:
        read = functools.partial(read, today=options.today or today_in_vietnam())
    _speak_utf8()
    for line in _lines(sys.stdin or io.StringIO()):
        reading = read(line) if line is not None else Reading(verdict=reader.refusal, reason="bad_input")
        sys.stdout.write(json.dumps(reading.as_json(), ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return 0


def _lines(source: TextIO) -> Iterator[str | None]:
    """Yield the string of each line, or None where it is no JSON string or too long; of a long one no more than a piece is held."""
    while line := source.readline(LONGEST_LINE):
        is_too_long = False
        while len(line) == LONGEST_LINE and not line.endswith("\n"):
            is_too_long = True
            line = source.readline(LONGEST_LINE)
        yield None if is_too_long else _string_of(line)


def _string_of(line: str) -> str | None:
    try:
        text = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return text if isinstance(text, str) else None


def _speak_utf8() -> None:
    """Read and write UTF-8 whatever the locale; a half surrogate goes out as its JSON escape."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape", newline="\n")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")


if __name__ == "__main__":
    sys.exit(main())
