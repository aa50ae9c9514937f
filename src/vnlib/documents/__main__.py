"""Command line: `python -m vnlib.documents {read,sample} …`."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from vnlib.documents import DocumentError, ReadDocument, read
from vnlib.documents.sample import sample


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 the file is at fault (said on stderr), 2 wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "sample":
            sample().save(options.file)
        else:
            sys.stdout.write(_shown(read(options.file), as_json=options.json) + "\n")
    except (DocumentError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m vnlib.documents", description="Official Word documents.")
    commands = parser.add_subparsers(dest="command", required=True)
    reading = commands.add_parser("read", help="print text, or with --json controls and properties, of FILE")
    reading.add_argument("file", type=Path)
    reading.add_argument("--json", action="store_true")
    commands.add_parser("sample", help="write a made-up report to FILE").add_argument("file", type=Path)
    return parser


def _shown(document: ReadDocument, *, as_json: bool) -> str:
    if not as_json:
        return document.text
    controls = [
        {"id": control.short_id, "tag": control.tag, "listed_tag": control.listed_tag, "text": control.text}
        for control in document.controls
    ]
    return json.dumps({"properties": dict(document.properties), "controls": controls}, ensure_ascii=False, indent=2)


if __name__ == "__main__":
    sys.exit(main())
