"""
The text of the QR on an identity card, as a camera or a keyboard-wedge scanner delivers it.

`reader` is the way through; `layouts`, `encodings`, `methods` undo one kind of damage each, `records` parts several reads, `words` says what can stand.
"""

from vnlib.identity.qr.reader import MOST_CHARACTERS, read_card_qr

__all__ = ["MOST_CHARACTERS", "read_card_qr"]
