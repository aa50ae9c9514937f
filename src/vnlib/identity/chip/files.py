"""The files of one chip, as a reader at a desk dumps them into a folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vnlib.identity.chip.certificates import LARGEST_CERTIFICATE
from vnlib.identity.chip.errors import DataGroupError
from vnlib.identity.chip.lds import LARGEST_FILE

_NAME = re.compile(r"(?:EF[._-]?)?(?:(COM|SOD)|DG[._-]?0?([1-9]|1[0-6]))(?:\.(?:bin|dat|der|raw))?", re.IGNORECASE)
_CERTIFICATES = frozenset({".der", ".cer", ".crt", ".pem"})
_MOST_FILES = 200


@dataclass(frozen=True)
class Chip:
    """
    What was read from a chip: `groups` by number; `com` and `sod` None if not read.

    `certificates` lay beside them (DER or PEM): among them the signer is looked for if the SOD carries none. None is trusted.
    """

    sod: bytes | None = field(repr=False)
    groups: Mapping[int, bytes] = field(repr=False)
    com: bytes | None = field(default=None, repr=False)
    certificates: tuple[bytes, ...] = field(default=(), repr=False)


def read_up_to(path: Path, most: int) -> bytes | None:
    """Return what a file holds, None if that is more than `most` bytes: the size that a device or a growing file tells is no limit."""
    with path.open("rb") as source:
        content = source.read(most + 1)
    return None if len(content) > most else content


def read_folder(folder: Path) -> Chip:
    """
    Read DG1.bin … DG16.bin, EF_COM.bin, EF_SOD.bin and certificates (.der, .cer, .crt, .pem) of a folder; capitals do not matter.

    Raises OSError; DataGroupError if a file of the chip is larger than 4 MB, stands twice, or there are more than 200 files.
    """
    named: dict[str, bytes] = {}
    groups: dict[int, bytes] = {}
    certificates: list[bytes] = []
    files = sorted(path for path in folder.iterdir() if path.is_file())
    if len(files) > _MOST_FILES:
        raise DataGroupError(f"Thư mục có quá {_MOST_FILES} tệp, không phải của một chip.")
    for path in files:
        matched = _NAME.fullmatch(path.name)
        if matched:
            number, name = matched[2], (matched[1] or "").upper()
            if (int(number) in groups) if number else (name in named):
                raise DataGroupError(f"{path.name}: có hai tệp cho một phần của chip.")
            content = read_up_to(path, LARGEST_FILE)
            if content is None:
                raise DataGroupError(f"{path.name}: tệp của chip lớn quá 4 MB.")
            if number:
                groups[int(number)] = content
            else:
                named[name] = content
        elif path.suffix.lower() in _CERTIFICATES and (beside := read_up_to(path, 4 * LARGEST_CERTIFICATE)):
            certificates.append(beside)
    return Chip(named.get("SOD"), groups, named.get("COM"), tuple(certificates))
