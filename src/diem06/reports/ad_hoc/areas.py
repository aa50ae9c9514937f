"""Areas recognised by the names that forms give them: with or without type, accents and abbreviations."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from diem06.core.areas.queries import AreaOn, AreaTree
from diem06.plan.model import Level
from vnlib.text import fold, unify_tone_placement

_TYPES: Final = {
    "tinh": Level.PROVINCE, "huyen": Level.DISTRICT, "h": Level.DISTRICT, "thanh pho": Level.DISTRICT, "tp": Level.DISTRICT,
    "thi xa": Level.DISTRICT, "tx": Level.DISTRICT, "xa": Level.COMMUNE, "x": Level.COMMUNE, "phuong": Level.COMMUNE,
    "p": Level.COMMUNE, "thi tran": Level.COMMUNE, "tt": Level.COMMUNE, "ubnd huyen": Level.DISTRICT,
    "ubnd thanh pho": Level.DISTRICT, "ubnd tp": Level.DISTRICT, "ubnd xa": Level.COMMUNE, "ubnd phuong": Level.COMMUNE,
    "ubnd thi tran": Level.COMMUNE, "ubnd tinh": Level.PROVINCE,
}  # fmt: skip
_TYPE: Final = re.compile(rf"(?:{'|'.join(sorted(_TYPES, key=len, reverse=True))})(?=[\s.])\s*\.?\s*")
_WHOLE: Final = re.compile(r"(?:tong(?: so| cong)?|cong|toan tinh|ca tinh|tong toan tinh|toan tinh cong)")
_NUMBER: Final = re.compile(r"^\s*(?:\d{1,3}|[IVXLC]+|[a-z])\s*[.)/-]\s*", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Recognised:
    """What a text names: an area, or nothing with the reason why («unknown», «several»)."""

    text: str
    area: AreaOn | None
    why: str = ""


def recognise(texts: Iterable[str], tree: AreaTree, *, root: str) -> list[Recognised]:
    """
    Return the area that each text names. `root` is the area that «Tổng cộng» means.

    A name that several areas have is decided by its type («xã»), else by the level that most of the other texts are of.
    """
    texts = list(texts)
    index = _index(tree)
    candidates = [_candidates(text, index, tree, root) for text in texts]
    levels = Counter(found[0].level for found in candidates if len(found) == 1 and found[0].code != root)
    usual = levels.most_common(1)[0][0] if levels else None
    return [_decided(text, found, usual) for text, found in zip(texts, candidates, strict=True)]


def _decided(text: str, found: list[AreaOn], usual: Level | None) -> Recognised:
    if len(found) > 1 and usual is not None:
        found = [area for area in found if area.level == usual] or found
    if len(found) > 1 and (exact := [area for area in found if _same_accents(text, area)]):
        found = exact
    if len(found) == 1:
        return Recognised(text=text, area=found[0])
    return Recognised(text=text, area=None, why="several" if found else "unknown")


def _index(tree: AreaTree) -> Mapping[str, list[AreaOn]]:
    index: dict[str, list[AreaOn]] = defaultdict(list)
    for area in tree:
        name = fold(unify_tone_placement(area.name[len(area.type) :]))
        index[_bare(name)].append(area)
        if len(initials := "".join(word[0] for word in name.split())) > 1:
            index[f"\x00{initials}"].append(area)
    return index


def _candidates(text: str, index: Mapping[str, list[AreaOn]], tree: AreaTree, root: str) -> list[AreaOn]:
    folded = fold(unify_tone_placement(_NUMBER.sub("", text))).strip(" .:;-*")
    if _WHOLE.fullmatch(folded):
        return [tree.get(root)] if root in tree else []
    match = _TYPE.match(folded)
    level = None
    name = folded
    if match:
        level, name = _TYPES[match.group().strip(" .")], folded[match.end() :]
    # Without its type first: «Thị trấn» is none of a name; but a name may begin like one («Phú Xã»).
    found = [area for area in index.get(_bare(name), ()) if level is None or area.level == level]
    if not found and match:
        found = list(index.get(_bare(folded), ()))
    if not found and level is not None and name.isalpha() and len(name) <= 4:
        found = [area for area in index.get(f"\x00{name}", ()) if area.level == level]
    return found


def _bare(folded: str) -> str:
    return re.sub(r"[^\w]+", "", folded)


def _same_accents(text: str, area: AreaOn) -> bool:
    return unify_tone_placement(area.short_name).lower() in unify_tone_placement(text).lower()
