"""Command line: `python -m vnlib.text {fold,sort,names,number,convert} …`."""

import argparse
import sys
from collections.abc import Sequence

from vnlib import text


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 the input is at fault (said on stderr), 2 wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        _print(_run(options))
    except text.NumberTextError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m vnlib.text", description="Vietnamese text.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("fold", help="print the search key of TEXT").add_argument("text")
    commands.add_parser("sort", help="sort the lines of stdin in the order of the dictionary")
    commands.add_parser("names", help="sort the names on stdin by given name, surname, middle names")
    commands.add_parser("number", help="read TEXT as a number and print it plainly").add_argument("text")
    convert = commands.add_parser("convert", help="print legacy TEXT in Unicode")
    convert.add_argument("text")
    convert.add_argument("--encoding", choices=[encoding.value for encoding in text.Encoding])
    convert.add_argument("--font", help="name of the font, as .VnTimeH")
    return parser


def _run(options: argparse.Namespace) -> list[str]:
    match options.command:
        case "fold":
            return [text.fold(options.text)]
        case "sort":
            return sorted(sys.stdin.read().splitlines(), key=text.sort_key)
        case "names":
            return sorted(sys.stdin.read().splitlines(), key=text.name_sort_key)
        case "number":
            return [f"{text.parse_number(options.text):f}"]
        case _:
            encoding = options.encoding or text.detect_legacy(options.text, options.font)
            return [text.convert_legacy(options.text, encoding, font_name=options.font) if encoding else options.text]


def _print(lines: list[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    sys.exit(main())
