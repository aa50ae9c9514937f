"""
Reading a report back: is every figure in it the system's, unchanged, and of this very report?

Word keeps a control's tag and its short id. LibreOffice drops the tag: then the id, which the system gave, says which
figure it is.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from unicodedata import normalize

from django.db.models import QuerySet

from diem06.core.plans.queries import Loaded
from diem06.cube.board import board
from diem06.cube.keys import FigureKey, FigureKeyError, parse_key
from diem06.reports.models import IssuedDocument
from vnlib.documents import Control, ReadDocument, read

_PERCENT = re.compile(r"\d[\d.,]*\s*%")
_SEARCHED = 200
"""So many of the latest documents are looked through for a control that this one does not know."""


class Verdict(StrEnum):
    OK = "ok"
    EDITED = "edited"
    NOT_OURS = "not_ours"
    OTHER_REVISION = "other_revision"
    OTHER_PERIOD = "other_period"
    OTHER_DOCUMENT = "other_document"
    MISSING = "missing"
    NO_CONTROL = "no_control"  # a percentage typed outside any control


@dataclass(frozen=True, kw_only=True)
class Finding:
    """
    What became of one number or text.

    `keys_lost`: an editor dropped its tag and it was found by its id. `found` is what the file says, `expected` what the
    system wrote; None where there is no such side.
    """

    verdict: Verdict
    tag: str
    found: str | None = None
    expected: str | None = None
    keys_lost: bool = False


@dataclass(frozen=True, kw_only=True)
class Verification:
    """`document` is None for a file that the system does not know. `revised`: windows whose figures have changed since."""

    document: IssuedDocument | None
    is_untouched: bool  # the very bytes that were handed out
    findings: tuple[Finding, ...]
    revised: tuple[str, ...] = ()

    @property
    def is_right(self) -> bool:
        """Is every figure the system's and unchanged? Lost keys alone do no harm."""
        return self.document is not None and all(finding.verdict is Verdict.OK for finding in self.findings)

    @property
    def wrong(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.verdict is not Verdict.OK)

    @property
    def right(self) -> int:
        return len(self.findings) - len(self.wrong)

    @property
    def keys_lost(self) -> int:
        return sum(finding.keys_lost for finding in self.findings)


def verify(file: bytes, loaded: Loaded) -> Verification:
    """Check a Word file. Raises documents.DocumentError for a file that cannot be read."""
    given = read(file)
    document = _document(given)
    outside = [
        Finding(verdict=Verdict.NO_CONTROL, tag="", found=percent)
        for percent in _PERCENT.findall(given.text_outside_controls)
    ]
    if document is None:
        strange = [
            Finding(verdict=Verdict.NOT_OURS, tag=control.tag or "", found=control.text) for control in given.controls
        ]
        return Verification(document=None, is_untouched=False, findings=(*strange, *outside))
    issued = _Issued(document)
    findings = [issued.judge(control) for control in given.controls]
    return Verification(
        document=document,
        is_untouched=hashlib.sha256(file).hexdigest() == document.sha256,
        findings=(*findings, *issued.missing(), *outside),
        revised=_revised(issued.windows, loaded),
    )


class _Issued:
    """A document as it was handed out, being compared with what came back."""

    def __init__(self, document: IssuedDocument) -> None:
        self.document = document
        self.by_id: Mapping[int, tuple[str, str]] = {
            int(number): (tag, text) for number, (tag, text) in document.tags.items()
        }
        self.text = dict(self.by_id.values())
        self.windows: dict[str, int] = {}
        for tag in self.text:
            if key := _figure_key(tag):
                self.windows[key.window] = key.revision
        self._left = Counter(tag for tag, _text in self.by_id.values())

    def judge(self, control: Control) -> Finding:
        tag, keys_lost = control.tag or "", False
        if not tag and control.short_id is not None and control.short_id in self.by_id:
            tag, keys_lost = self.by_id[control.short_id][0], True
        if tag not in self.text:
            return Finding(verdict=self._stranger(tag), tag=tag, found=control.text)
        self._left[tag] -= 1
        expected = self.text[tag]
        is_same = _plain(control.text) == _plain(expected)
        return Finding(
            verdict=Verdict.OK if is_same else Verdict.EDITED,
            tag=tag,
            found=control.text,
            expected=expected,
            keys_lost=keys_lost,
        )

    def missing(self) -> Iterable[Finding]:
        for tag, count in self._left.items():
            for _time in range(count):
                yield Finding(verdict=Verdict.MISSING, tag=tag, expected=self.text[tag])

    def _stranger(self, tag: str) -> Verdict:
        """Say where a tag that this document does not hold comes from."""
        key = _figure_key(tag)
        own = next((known for known in map(_figure_key, self.text) if known), None)
        if key and own and key.plan == own.plan:
            if key.window not in self.windows:
                return Verdict.OTHER_PERIOD
            if key.revision != self.windows[key.window]:
                return Verdict.OTHER_REVISION
        others = IssuedDocument.objects.filter(plan_id=self.document.plan_id).exclude(pk=self.document.pk)
        return Verdict.OTHER_DOCUMENT if tag and _holds(others, tag) else Verdict.NOT_OURS


def _document(given: ReadDocument) -> IssuedDocument | None:
    """Find the document by the id in the file's properties, or by the ids of its controls where those are gone."""
    try:
        wanted = uuid.UUID(given.properties.get("diem06.document", ""))
    except ValueError:
        wanted = None
    if wanted:
        return IssuedDocument.objects.filter(pk=wanted).first()
    ids = {str(control.short_id) for control in given.controls if control.short_id is not None}
    if not ids:
        return None
    latest = IssuedDocument.objects.order_by("-made_at")[:_SEARCHED]
    return next((document for document in latest if not ids.isdisjoint(document.tags)), None)


def _holds(documents: QuerySet[IssuedDocument], tag: str) -> bool:
    return any(
        tag == known
        for document in documents.order_by("-made_at")[:_SEARCHED]
        for known, _text in document.tags.values()
    )


def _figure_key(tag: str) -> FigureKey | None:
    try:
        return parse_key(tag.partition("#")[0])
    except FigureKeyError:
        return None


def _revised(windows: Mapping[str, int], loaded: Loaded) -> tuple[str, ...]:
    return tuple(code for code, revision in windows.items() if board(loaded, code).revision != revision)


def _plain(text: str) -> str:
    """Editors change blanks and line breaks, a file holds no control characters: a number and its words stay the same."""
    shown = (char for char in normalize("NFC", text) if char.isprintable() or char.isspace())
    return " ".join("".join(shown).split())
