"""A closing as files that anybody can check without diem06 (docs/seal-format.md, tools/verify_seal.py)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import mkdtemp
from typing import TextIO

from diem06.cube.closing.canonical import (
    FACT_FIELDS,
    FIGURE_FIELDS,
    LATE_FIELDS,
    RESTATEMENT_FIELDS,
    decode,
    text_of,
)
from diem06.cube.closing.changes import late_facts
from diem06.cube.closing.links import LINK_FIELDS
from diem06.cube.closing.public import public_pem
from diem06.cube.closing.queries import closings
from diem06.cube.closing.reading import sealed_facts
from diem06.cube.closing.seal import FIELDS_OF_1, SEAL_FIELDS, AreaDigest, figure_record
from diem06.cube.models import Closing, SealKey

KEY, SEAL, CHAIN = "public-key.pem", "seal.json", "chain.jsonl"
KEYS, RESTATEMENTS, LATE = "keys.jsonl", "restatements.jsonl", "late-facts.jsonl"
FIGURES, MEASURES, AREAS, FACTS, README = "figures.jsonl", "measures.jsonl", "areas.jsonl", "facts", "README.md"


class ExportError(ValueError):
    """Nothing can be written there."""


def export(closing: Closing, *, to: Path) -> int:
    """
    Write a closing to a folder that does not exist yet, and return the number of its facts.

    Facts are read again as they were known when the period was closed. The folder is there whole or not at all. Raises ExportError.
    """
    if to.exists():
        raise ExportError(f"{to} exists already; name a new folder.")
    to.parent.mkdir(parents=True, exist_ok=True)
    work = Path(mkdtemp(prefix=f".{to.name}-", dir=to.parent))
    (work / KEY).write_text(public_pem(closing.public_key))
    (work / SEAL).write_text(_line(_seal(closing)), encoding="utf-8")
    earlier = closings(closing.plan).filter(number__lt=closing.number)
    (work / CHAIN).write_text("".join(_line(_seal(row)) for row in earlier), encoding="utf-8")
    if keys := list(SealKey.objects.all()):
        _write(work / KEYS, map(_key, keys))
    figures = sorted(figure_record(vars(row)) for row in closing.closed_figures.order_by().iterator(chunk_size=5000))
    _write(work / FIGURES, (_with_hash(record, FIGURE_FIELDS) for record in figures))
    digests = sorted((row.digest for row in closing.measures.all()), key=lambda digest: digest.content)
    _write(
        work / MEASURES,
        ({"measure": row.measure, "facts": str(row.facts), "root": row.root} for row in digests),
    )
    areas = sorted((area for digest in digests for area in digest.areas), key=lambda area: area.content)
    _write(work / AREAS, map(_area, areas))
    if closing.seal.version > 1:
        restated = sorted(row.record for row in closing.sealed_restatements.all())
        _write(work / RESTATEMENTS, (_with_hash(record, RESTATEMENT_FIELDS) for record in restated))
        late = sorted(record for row in earlier for record in late_facts(row, until=closing.closed_at))
        _write(work / LATE, (_with_hash(record, LATE_FIELDS) for record in late))
    written = _write_facts(closing, [digest.measure for digest in digests], work / FACTS)
    (work / README).write_text(_readme(closing, has_links=bool(keys)), encoding="utf-8")
    work.rename(to)
    return written


def _write_facts(closing: Closing, measures: list[str], folder: Path) -> int:
    """Write one file a measure: their facts stand together in the order of bytes."""
    folder.mkdir()
    written, now = 0, ""
    out: TextIO | None = None
    with (
        ExitStack() as opened,
        sealed_facts(
            first=closing.facts_from, last=closing.last_day, at=closing.closed_at, measures=measures
        ) as records,
    ):
        for record in records:
            content = _with_hash(record, FACT_FIELDS)
            if out is None or content["measure"] != now:
                opened.close()
                now = content["measure"] or ""
                out = opened.enter_context((folder / f"{now}.jsonl").open("w", encoding="utf-8", newline="\n"))
            out.write(_line(content))
            written += 1
    return written


def _seal(closing: Closing) -> dict[str, str | None]:
    seal = closing.seal
    head: dict[str, str | None] = {} if seal.version == 1 else {"version": str(seal.version)}
    names = FIELDS_OF_1 if seal.version == 1 else SEAL_FIELDS
    content = {name: text_of(getattr(seal, name)) for name in names}
    return head | content | {"hash": closing.hash, "signature": closing.signature}


def _key(row: SealKey) -> dict[str, str | None]:
    content = {name: text_of(getattr(row.link, name)) for name in LINK_FIELDS}
    return content | {"signature": row.signature, "own_signature": row.own_signature}


def _area(area: AreaDigest) -> dict[str, str | None]:
    return {
        "measure": area.measure,
        "area": area.area,
        "area_valid_from": area.valid_from,
        "facts": str(area.facts),
        "root": area.root,
    }


def _with_hash(record: bytes, names: tuple[str, ...]) -> dict[str, str | None]:
    content = dict(zip(names, decode(record)[1:], strict=True))
    return content | {"sha256": hashlib.sha256(b"\x00" + record).hexdigest()}


def _line(content: Mapping[str, str | None]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"


def _write(file: Path, rows: Iterable[Mapping[str, str | None]]) -> None:
    with file.open("w", encoding="utf-8", newline="\n") as out:
        for row in rows:
            out.write(_line(row))


def _readme(closing: Closing, *, has_links: bool) -> str:
    more = ""
    if closing.seal.version > 1:
        more += f"""
| `{RESTATEMENTS}` | con số của các kỳ đã chốt trước đó mà đến lúc chốt kỳ này đã khác: số đã chốt, số lúc này, lý do |
| `{LATE}` | số liệu gốc của các kỳ đã chốt trước đó, ghi hoặc sửa sau khi kỳ đó đã chốt |"""
    if has_links:
        more += f"""
| `{KEYS}` | các lần đổi khóa: khóa cũ và khóa mới cùng ký; biết chắc một khóa là kiểm tra được mọi khóa khác |"""
    return f"""# Số liệu đã chốt kỳ {closing.period}

Kế hoạch `{closing.plan}`, phiên bản {closing.plan_version}. Kỳ từ {closing.first_day:%d/%m/%Y} đến hết {closing.last_day:%d/%m/%Y}.
Chốt lúc {text_of(closing.closed_at)} (giờ UTC), niêm phong số {closing.number}.

- Mã niêm phong: `{closing.hash}`
- Khóa công khai của hệ thống: `{closing.public_key}`

Đối chiếu hai mã này với mã mà cơ quan thường trực đã công bố hoặc gửi bằng văn bản. Ai sửa cả thư mục rồi ký lại bằng khóa khác thì
chỉ hai mã này cho biết.

## Trong thư mục có gì

| Tệp | Nội dung |
|---|---|
| `{SEAL}` | niêm phong của kỳ này: tổng số, mã của số liệu, mã của kỳ trước, chữ ký |
| `{CHAIN}` | niêm phong của các kỳ trước, từ kỳ đầu tiên |
| `{FIGURES}` | từng con số đã chốt: tử số, mẫu số, giá trị, mục tiêu, nguồn, trạng thái |
| `{FACTS}/` | từng số liệu gốc, mỗi đại lượng một tệp; người được thay bằng mã, không có họ tên, số định danh |
| `{AREAS}`, `{MEASURES}` | mã của số liệu gốc theo đại lượng và địa bàn, theo đại lượng |
| `{KEY}` | khóa công khai |{more}

Mỗi dòng là một bản ghi JSON. Mọi giá trị là chữ, hoặc `null` khi không có số liệu.

## Kiểm tra

Cần Python 3.11 trở lên, thư viện `cryptography` và tệp `verify_seal.py` (thư mục `tools/` của mã nguồn diem06); không cần diem06.

    python verify_seal.py THU_MUC_NAY --key {closing.public_key}

Kết thúc với mã 0 là đúng. Kết thúc với mã 1 là có chỗ sai; mỗi số liệu, con số hoặc niêm phong sai được nêu trên một dòng.
Cách tính từng mã ghi ở `docs/seal-format.md` của mã nguồn, đủ để viết một chương trình kiểm tra khác.
"""
