"""
Official documents in the form of Nghị định 30/2020/NĐ-CP: written as .docx, and read back.

A figure or a narrative stands in a content control with a tag, so that a program can find it again
after people edited the file. Plain Python on lxml; knows the form and no plan.
"""

from vnlib.documents.content import (
    Bold,
    Cell,
    Chart,
    Column,
    GroupRow,
    Head,
    Italic,
    Run,
    Series,
    Signer,
    Table,
    Tagged,
    TaggedBlock,
    number_and_symbol,
)
from vnlib.documents.errors import (
    ControlError,
    DamagedDocumentError,
    DocumentError,
    DocumentTooLargeError,
    NotADocumentError,
)
from vnlib.documents.official import Annex, OfficialDocument
from vnlib.documents.reading import Control, ReadDocument, read

__all__ = [
    "Annex",
    "Bold",
    "Cell",
    "Chart",
    "Column",
    "Control",
    "ControlError",
    "DamagedDocumentError",
    "DocumentError",
    "DocumentTooLargeError",
    "GroupRow",
    "Head",
    "Italic",
    "NotADocumentError",
    "OfficialDocument",
    "ReadDocument",
    "Run",
    "Series",
    "Signer",
    "Table",
    "Tagged",
    "TaggedBlock",
    "number_and_symbol",
    "read",
]
