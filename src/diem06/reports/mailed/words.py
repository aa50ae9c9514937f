"""Words of reports made comparable: abbreviations written out, spellings and usual synonyms made one, weak words left out."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import Final

from vnlib.text import normalise, unify_tone_placement

# Left: as units write it; right: as the plan writes it. Longer ones go first.
_SAME: Final = {
    "bộ phận tiếp nhận và trả kết quả": "bộ phận một cửa",
    "bộ phận tn&tkq": "bộ phận một cửa",
    "bộ phận tn và tkq": "bộ phận một cửa",
    "trung tâm hành chính công": "bộ phận một cửa",
    "trung tâm phục vụ hành chính công": "bộ phận một cửa",
    "cơ sở dữ liệu quốc gia": "csdlqg",
    "csdl quốc gia": "csdlqg",
    "csdl qg": "csdlqg",
    "căn cước công dân": "cccd",
    "thủ tục hành chính": "thủ tục",
    "tthc": "thủ tục",
    "cbccvc": "cán bộ công chức viên chức",
    "cbcc": "cán bộ công chức",
    "ccvc": "công chức viên chức",
    "đdđt": "định danh điện tử",
    "đddt": "định danh điện tử",
    "bảo hiểm y tế": "bhyt",
    "khám bệnh chữa bệnh": "khám chữa bệnh",
    "kcb": "khám chữa bệnh",
    "bcci": "bưu chính công ích",
    "qua bưu điện": "bưu chính công ích",
    "dịch vụ công trực tuyến": "dvctt",
    "dịch vụ công": "dvc",
    "qua mạng": "trực tuyến",
    "online": "trực tuyến",
    "trễ hạn": "quá hạn",
    "chậm hạn": "quá hạn",
    "quá hẹn": "quá hạn",
    "trễ hẹn": "quá hạn",
    "đúng hẹn": "đúng hạn",
    "trước hẹn": "trước hạn",
    "mức độ": "mức",
    "pano": "pa nô",
    "panô": "pa nô",
    "apphich": "áp phích",
    "ápphích": "áp phích",
    "áp phíc": "áp phích",
    "xử lý": "giải quyết",
    "vn eid": "vneid",
    "smart phone": "điện thoại",
}
_WEAK: Final = frozenset(
    [
        "số",
        "có",
        "được",
        "đã",
        "của",
        "các",
        "và",
        "là",
        "trong",
        "kỳ",
        "tại",
        "bằng",
        "cho",
        "với",
        "về",
        "từ",
        "đến",
        "này",
        "đó",
        "trên",
        "khi",
        "để",
        "do",
        "bởi",
        "thì",
        "mà",
        "cũng",
        "như",
        "còn",
        "theo",
        "thuộc",
        "ra",
        "vào",
        "ở",
        "đang",
        "tổng",
        "tháng",
        "năm",
        "ngày",
        "những",
        "một",
        "người",
    ]
)
_COMMA_OR_SLASH: Final = re.compile(r"[^\w&]+")
_SPLIT: Final = re.compile(r"[^\W_]+")
_LONGEST_FIRST: Final = sorted(_SAME, key=len, reverse=True)
_SAME_PATTERN: Final = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, _LONGEST_FIRST)) + r")(?!\w)")


@lru_cache(maxsize=20_000)
def plain(text: str) -> str:
    """Return `text` in lower case with one blank between words, spellings and synonyms made one."""
    bare = _COMMA_OR_SLASH.sub(" ", unify_tone_placement(normalise(text)).lower()).strip()
    return _SAME_PATTERN.sub(lambda match: _SAME[match.group()], bare)


@lru_cache(maxsize=20_000)
def features(text: str) -> frozenset[str]:
    """Return the words and pairs of neighbouring words of `text` that tell something: no numbers, no weak words alone."""
    words = [word for word in _SPLIT.findall(plain(text)) if not word.isdigit() or len(word) == 1]
    single = {word for word in words if word not in _WEAK and not word.isdigit()}
    pairs = {
        f"{first} {second}"
        for first, second in pairwise(words)
        if first not in _WEAK and second not in _WEAK and not first.isdigit()
    }
    return frozenset(single | pairs)
