"""Names inside a .docx file: XML namespaces, and what marks our own controls."""

import re

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
PACKAGE_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
CORE = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
CUSTOM = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
VT = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
DC = "http://purl.org/dc/elements/1.1/"
DCTERMS = "http://purl.org/dc/terms/"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
WORD_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

CONTROL_PROPERTY = "d06."
"""Custom property `d06.<short id>` holds the tag of a control."""

FIRST_CONTINUATION = 1_500_000_000
"""From here on w:id belongs to the second and further paragraphs of a narrative."""

# «Công tác chỉ đạo #12» is control 12; «… #12.3» the third paragraph of narrative 12. LibreOffice 7
# drops w:tag and renumbers w:id, but keeps the alias.
HANDLE = re.compile(r"#([0-9]{1,9})(?:\.([0-9]{1,4}))?$")


def handle(label: str, short_id: int, part: int | None) -> str:
    """Return the alias of a control, at most 64 characters."""
    end = f"#{short_id}" if part is None else f"#{short_id}.{part}"
    return f"{label[: 63 - len(end)]} {end}"
