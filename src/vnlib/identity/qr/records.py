"""Several reads in one text: the same card twice, two cards, a read that broke off before a whole one."""

import itertools
import re

from vnlib.identity.card import FIRST_CARD_OF_2024, has_sound_skeleton, parse_date

_START = re.compile(r"\d{12}(?=[ \t]*\|)")
_MOST_STARTS = 8
_ENDS = "".join(map(chr, range(0x21))) + "\ufeff\u200b"
_AIM_AT_END = re.compile(r"\]Q[0-6]$")


class SeveralReadsError(ValueError):
    """The reads in one text are of two cards, or differ; `reason` is the code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def split_reads(text: str) -> tuple[list[str], str]:
    """
    Return the whole reads in `text` and what was done: "", `deduplicated` or `resynchronised`.

    A text that is one read, or none, comes back as it is. Raises SeveralReadsError.
    """
    if is_whole(text):
        return [text], ""
    starts = [found.start() for found in _START.finditer(text)]
    if len(starts) < 2 or starts[0] != 0:
        return [text], ""
    if len(starts) > _MOST_STARTS:
        raise SeveralReadsError("too_many_reads")
    best = _best_split(text, starts)
    if best is None:
        return _no_split(text, starts)
    whole = [segment for segment in best if is_whole(segment)]
    if len({segment[:12] for segment in whole}) > 1:
        raise SeveralReadsError("two_cards")
    if len(whole) < len(best):
        return whole[-1:] if len(set(whole)) == 1 else whole, "resynchronised"
    return whole, "deduplicated"


def is_whole(segment: str) -> bool:
    """Tell whether `segment` has the fields of one card, with numbers and dates where they belong."""
    fields = [part.strip(" \t\r\n") for part in segment.split("|")]
    if len(fields) not in (7, 11) or not has_sound_skeleton(fields):
        return False
    # A card of the new kind that broke off after its date has seven fields too.
    issued = parse_date(fields[6])
    return len(fields) == 11 or (issued is not None and issued < FIRST_CARD_OF_2024)


def _best_split(text: str, starts: list[int]) -> list[str] | None:
    """Return the split into whole reads, broken ones only if they begin as a whole one does; the fewest broken ones win."""
    best: tuple[int, int] | None = None
    found: list[str] | None = None
    for count in range(1, len(starts)):
        for inner in itertools.combinations(starts[1:], count):
            bounds = [0, *inner, len(text)]
            segments = [
                _AIM_AT_END.sub("", text[start:end].strip(_ENDS)).strip(_ENDS)
                for start, end in itertools.pairwise(bounds)
            ]
            whole = [segment for segment in segments if is_whole(segment)]
            broken = [segment for segment in segments if not is_whole(segment)]
            if not whole or not all(any(_begins_as(part, other) for other in whole) for part in broken):
                continue
            rank = (len(broken), len(segments))
            if best is None or rank < best:
                best, found = rank, segments
    return found


def _begins_as(broken: str, whole: str) -> bool:
    return len(broken) > 12 and broken.rstrip() in (whole[: len(broken.rstrip())], whole)


def _no_split(text: str, starts: list[int]) -> tuple[list[str], str]:
    for start, end in itertools.combinations([*starts, len(text)], 2):
        if is_whole(text[start:end].strip(_ENDS)):
            others = {text[other : other + 12] for other in starts if other not in range(start, end)}
            if others - {text[start : start + 12]}:
                raise SeveralReadsError("two_cards")
            raise SeveralReadsError("reads_differ")
    return [text], ""
