"""The commands `chip` and `masterlist` of `python -m vnlib.identity`."""

from __future__ import annotations

import argparse
import datetime as dt
import io
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from vnlib.identity.chip.certificates import country, in_words
from vnlib.identity.chip.errors import ChipError
from vnlib.identity.chip.files import read_folder, read_up_to
from vnlib.identity.chip.masterlist import Listed, look_at, read_master_list
from vnlib.identity.chip.passive import Authentication, Check, Decision, State, authenticate
from vnlib.identity.chip.trust import LARGEST_FILE, TrustStore

# The whole country keeps one hour, seven ahead of UTC.
_VIETNAM = dt.timezone(dt.timedelta(hours=7))


def add_commands(commands: Any) -> None:
    """Add both commands to the subparsers; each sets `run`, which takes the options and returns the exit code."""
    chip = commands.add_parser("chip", help="passive authentication of the files of a chip in DIR")
    chip.add_argument(
        "folder", metavar="DIR", type=Path, help="EF_SOD.bin, EF_COM.bin, DG1.bin … and the signer's certificate"
    )
    chip.add_argument(
        "--trust",
        metavar="PATH",
        type=Path,
        action="extend",
        nargs="+",
        default=[],
        help="certificates, revocation lists, master lists, or folders of them",
    )
    chip.add_argument(
        "--at", metavar="DATE", type=_moment, help="judge as of the end of this day (YYYY-MM-DD); default: now"
    )
    chip.set_defaults(run=_chip)
    listing = commands.add_parser("masterlist", help="print one line for each certificate of an ICAO master list")
    listing.add_argument("file", metavar="FILE", type=Path)
    listing.set_defaults(run=_master_list)


def _chip(options: argparse.Namespace) -> int:
    """Print the outcome; 0 whatever it is, 1 if a path cannot be read."""
    try:
        chip = read_folder(options.folder)
        trust = TrustStore.load(options.trust)
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except ChipError as error:
        checks = (Check("files", State.FAILED, str(error), error.code),)
        _print(Authentication(Decision.REFUSE, error.code, checks).as_json())
        return 0
    for note in trust.notes:
        sys.stderr.write(f"{note.source}: {note.why}\n")
    for link in trust.links:
        sys.stderr.write(f"{in_words(link.subject)}: issuer_not_trusted\n")
    _print(authenticate(chip, trust, at=options.at or dt.datetime.now(dt.UTC)).as_json())
    return 0


def _master_list(options: argparse.Namespace) -> int:
    """Print the certificates, and to stderr who signed the list; 1 if it cannot be read or its signature is wrong."""
    try:
        content = read_up_to(options.file, LARGEST_FILE)
        if content is None:
            sys.stderr.write(f"{options.file}: lớn quá 32 MB\n")
            return 1
        found = read_master_list(content)
    except (ChipError, OSError) as error:
        sys.stderr.write(f"{options.file}: {error}\n")
        return 1
    every = [look_at(encoded) for encoded in found.certificates]
    trust = TrustStore.of_master_list(found)
    for listed in every:
        by_listed = (
            listed.self_signature == "other_issuer" and listed.certificate and trust.issuers_of(listed.certificate)
        )
        _print(_line(replace(listed, self_signature="by_listed_issuer") if by_listed else listed))
    usable = sum(not listed.why for listed in every)
    sys.stderr.write(
        f"{len(found.certificates)} chứng thư, dùng được {usable}. Chữ ký của danh sách đúng: {in_words(found.signer.subject)}"
        f" (nơi cấp: {in_words(found.issuer.subject)}, SHA-256 {found.issuer.fingerprint}).\n"
    )
    return 0


def _line(listed: Listed) -> dict[str, Any]:
    certificate = listed.certificate
    line: dict[str, Any] = {"country": "", "subject": "", "key": listed.key, "valid_from": None, "valid_until": None}
    if certificate is not None:
        line |= {
            "country": country(certificate.subject),
            "subject": in_words(certificate.subject),
            "valid_from": certificate.valid_from.isoformat(),
            "valid_until": certificate.valid_until.isoformat(),
            "serial": f"{certificate.serial:x}",
            "signature": f"{certificate.algorithm.kind} {certificate.algorithm.hash_name}",
            "sha256": certificate.fingerprint,
        }
    return line | {
        "self_signature": listed.self_signature,
        "usable": not listed.why,
        "why": listed.why,
        "detail": listed.detail,
    }


def _moment(text: str) -> dt.datetime:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day YYYY-MM-DD") from None
    return dt.datetime.combine(day, dt.time(23, 59, 59), _VIETNAM)


def _print(line: dict[str, Any]) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
