"""What is known of Vietnamese documents beyond Doc 9303: how a card without an expiry says so, and what a name in a zone can be."""

import re

STATE = "VNM"
NO_EXPIRY = "991231"  # «Không thời hạn»

_ONSET = "(?:NGH|NG|NH|GH|GI|KH|PH|TH|TR|CH|QU|[BCDGHKLMNPRSTVX])?"
_SYLLABLE = f"{_ONSET}[AEIOUY]{{1,3}}(?:CH|NH|NG|[CMNPT])?"
_ONE_SYLLABLE = re.compile(_SYLLABLE)
_FILLERS_READ = re.compile(f"{_SYLLABLE}(?:[KC]+{_SYLLABLE})*[KC]*")


def hides_filler(word: str) -> bool:
    """Tell whether K or C in `word` may be fillers: the word is no syllable, what they part is («VANKTHU», «THUK»)."""
    return not _ONE_SYLLABLE.fullmatch(word) and _FILLERS_READ.fullmatch(word) is not None
