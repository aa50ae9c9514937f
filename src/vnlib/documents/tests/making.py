"""Word files for tests, from raw XML as Word itself writes it: what `vnlib.documents` would never write."""

import io
import zipfile
from xml.sax.saxutils import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>
</Types>"""
_RELS = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>
</Relationships>"""
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NAMESPACES = (
    f'xmlns:w="{W}" xmlns:r="{_R}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" xmlns:v="urn:schemas-microsoft-com:vml"'
)


def run(text: str, *, font: str = "", bold: bool = False, more: str = "") -> str:
    fonts = f'<w:rFonts w:ascii="{font}" w:hAnsi="{font}"/>' if font else ""
    properties = f"<w:rPr>{fonts}{'<w:b/>' if bold else ''}{more}</w:rPr>"
    return f'<w:r>{properties}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def p(
    *runs: str,
    num: tuple[int, int] | None = None,
    style: str = "",
    centred: bool = False,
    bold: bool = False,
    font: str = "",
) -> str:
    """A paragraph of texts and of runs made by `run`; `num` is (list, depth) of automatic numbering."""
    inside = "".join(each if each.startswith("<") else run(each, bold=bold, font=font) for each in runs)
    numbering = f'<w:numPr><w:ilvl w:val="{num[1]}"/><w:numId w:val="{num[0]}"/></w:numPr>' if num else ""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    middle = '<w:jc w:val="center"/>' if centred else ""
    return f"<w:p><w:pPr>{named}{numbering}{middle}</w:pPr>{inside}</w:p>"


def tc(*content: str, span: int = 1, merge: str = "") -> str:
    """A cell; `merge` is "restart" or "continue" for cells merged downwards."""
    grid = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    down = {"": "", "restart": '<w:vMerge w:val="restart"/>', "continue": "<w:vMerge/>"}[merge]
    inside = "".join(each if each.startswith("<w:p") else p(each) for each in content) or "<w:p/>"
    return f"<w:tc><w:tcPr>{grid}{down}</w:tcPr>{inside}</w:tc>"


def table(*rows: list[str], ruled: bool = True) -> str:
    """Rows of texts or of cells made by `tc`."""
    lines = '<w:tblBorders><w:top w:val="single"/></w:tblBorders>' if ruled else ""
    made = "".join(
        f"<w:tr>{''.join(each if each.startswith('<') else tc(each) for each in row)}</w:tr>" for row in rows
    )
    return f"<w:tbl><w:tblPr>{lines}</w:tblPr>{made}</w:tbl>"


def level(depth: int, form: str, text: str, start: int = 1) -> str:
    return f'<w:lvl w:ilvl="{depth}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'


def numbering(*lists: list[str]) -> str:
    """word/numbering.xml: one list per argument, its levels made by `level`; numId 1, 2, ..."""
    abstract = "".join(
        f'<w:abstractNum w:abstractNumId="{at}">{"".join(levels)}</w:abstractNum>' for at, levels in enumerate(lists, 1)
    )
    used = "".join(f'<w:num w:numId="{at}"><w:abstractNumId w:val="{at}"/></w:num>' for at in range(1, len(lists) + 1))
    return f"<w:numbering {NAMESPACES}>{abstract}{used}</w:numbering>"


def docx(*body: str, parts: dict[str, str] | None = None) -> bytes:
    """A file with this body; `parts` are further parts such as word/numbering.xml."""
    document = (
        f'<?xml version="1.0" encoding="UTF-8"?><w:document {NAMESPACES}><w:body>{"".join(body)}</w:body></w:document>'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _RELS)
        archive.writestr("word/document.xml", document)
        for name, content in (parts or {}).items():
            archive.writestr(name, content)
    return buffer.getvalue()
