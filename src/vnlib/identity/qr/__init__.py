"""
The text of the QR on an identity card, as a camera or a keyboard-wedge scanner delivers it.

What no rule can see, because a QR of a card has no check digit: a digit changed or two swapped in the last six of the number, in the old number,
in the day or month of issue, in a house number; a mark or a letter lost or changed so that another word comes out (Thái, Thi), words put in
another order. The province in the number is compared with nothing, for people move. So a QR is typed data: it is asked about, never proof.

`reader` is the way through; `layouts`, `encodings`, `methods` undo one kind of damage each, `records` parts several reads, `words` says what can stand.
"""

from vnlib.identity.qr.reader import MOST_CHARACTERS, read_card_qr

__all__ = ["MOST_CHARACTERS", "read_card_qr"]
