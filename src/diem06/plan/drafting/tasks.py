"""Who is to do what, in running text: headings that name a body, labels such as «Cơ quan chủ trì:», and sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from diem06.plan.drafting.sources import DASH, ROMAN, TEXT, mark_of
from diem06.plan.drafting.structure import Node, Topic
from diem06.plan.drafting.tables import split_roles
from diem06.plan.drafting.units import FoundName, is_only_names, list_at, means_many, names_in, names_of_cell
from vnlib.text import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTask:
    """
    A task in running text. `lead_at`, `coordinate_at` and `task_at` are indexes of nodes; `at` is where the names were found.

    `sentence` holds the whole words at `at`; `deadline` and `result` are the words of labels, empty where there is none.
    """

    at: int
    sentence: str
    task: str
    task_at: int
    lead: tuple[str, ...]
    lead_at: int
    coordinate: tuple[str, ...] = ()
    coordinate_at: int = -1
    deadline: str = ""
    deadline_at: int = -1
    result: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Words at a node that look like a task without telling who is to do it."""

    at: int
    words: str
    why: str


# --- Sentences.

_END = re.compile(r"(?<=[.;!?…])['\"”»)*]*\s+(?=[“\"'(*+\-–]*[^\W\d_a-zà-ỹ]|[“\"'(*+\-–]*\d|[“\"'(*]*[a-zà-ỹđ])")
_NO_END = re.compile(r"(?:\b(?:TP|TX|TT|Tp|tr|v\.v|ThS|TS|BS|Q|P|KT|TM|TL|số|stt|đ/c|VP)\.|\b\d{1,2}\.|\b[A-ZĐ]\.)$")


def sentences(text: str) -> list[tuple[int, int]]:
    """Return where each sentence begins and ends: at full stops before a capital, and at semicolons outside brackets."""
    found = []
    start = 0
    for end in _END.finditer(text):
        before = text[max(start, end.start() - 600) : end.start()]
        is_stop = text[end.start() - 1] if end.start() else ""
        follows = text[end.end() : end.end() + 1]
        if is_stop == "." and (follows.islower() or _NO_END.search(before)):
            continue
        if before.count("(") > before.count(")"):
            continue
        found.append((start, end.start()))
        start = end.end()
    if start < len(text):
        found.append((start, len(text)))
    return [part for begin, end in found for part in _parted(text, begin, end)]


_LONGEST = 3_000  # no real sentence is longer; what is has no full stops and would be slow to search


def _parted(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > _LONGEST:
        blank = text.rfind(" ", start + _LONGEST // 2, start + _LONGEST)
        cut = blank if blank > start else start + _LONGEST
        yield start, cut
        start = cut
    yield start, end


# --- Labels.

_BODY = (
    r"(?:(?:các\s+)?(?:cơ quan|đơn vị|bộ phận|sở, ngành|ngành)(?:\s*[,/]?\s*(?:và\s+)?(?:đơn vị|cơ quan|tổ chức))?\s+)"
)
_LABELS = re.compile(
    r"(?:(?<=^)|(?<=[.;,(\n:|])|(?<=[.;,(]\s)|(?<=[-+–]\s)|(?<=\*))\s*\**"
    r"(?:"
    rf"(?P<mixed>{_BODY}?chủ trì(?:,|\s+và|\s*/)\s*(?:{_BODY})?phối hợp(?:\s+thực hiện)?)"
    rf"|(?P<lead>(?:{_BODY}(?:chủ trì|thực hiện|chịu trách nhiệm|được giao|đầu mối|phụ trách|triển khai|tham mưu)|giao\s+chủ trì|chủ trì|chủ trì thực hiện|phân công(?: thực hiện)?|đầu mối|trách nhiệm(?: thực hiện)?)"
    r"(?:\s+(?:thực hiện|chính|triển khai|tham mưu|nhiệm vụ))*(?:,\s*(?:triển khai|tham mưu|thực hiện))*(?:\s*\([^()]{0,40}\))?)"
    rf"|(?P<coordinate>{_BODY}?(?:phối hợp|tham gia phối hợp|tham gia)(?:\s+(?:thực hiện|triển khai))*(?:\s*\([^()]{{0,40}}\))?)"
    r"|(?P<deadline>(?:thời gian|thời hạn|tiến độ|hạn|thời điểm)(?:\s+(?:thực hiện|hoàn thành|triển khai|báo cáo|trình|ban hành))*(?:\s*,\s*hoàn thành)?|hoàn thành)"
    r"|(?P<result>(?:sản phẩm|kết quả)(?:\s+(?:đầu ra|dự kiến|cần đạt|đạt được|hoàn thành|chính|thực hiện|cụ thể))*)"
    r"|(?P<task>(?:nội dung(?:\s+(?:công việc|nhiệm vụ|thực hiện))?|tên nhiệm vụ|nhiệm vụ)(?:\s+\d+)?)"
    r")\**\s*:\**\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Labels:
    """The labels of one paragraph: kind -> words; `before` what stands before the first of them."""

    before: str
    values: tuple[tuple[str, str], ...]

    def of(self, kind: str) -> str:
        return next((words for name, words in self.values if name == kind), "")

    @property
    def has_names(self) -> bool:
        return any(kind in {"lead", "mixed", "coordinate"} for kind, _ in self.values)


def _labels(text: str) -> _Labels | None:
    marks = list(_LABELS.finditer(text))
    if not marks:
        return None
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    values = []
    for mark, end in zip(marks, ends, strict=True):
        words = text[mark.end() : end].strip(" .;,()-–+*\n")
        kind = mark.lastgroup or ""
        if kind in {"lead", "mixed", "coordinate"} and not _begins_with_name(words):
            continue
        values.append((kind, words))
    if not values:
        return None
    before = text[: marks[0].start()].strip(" .;,(-–+*\n")
    return _Labels(before=before, values=tuple(values))


def _begins_with_name(words: str) -> bool:
    names = names_in(words)
    return (bool(names) and names[0].start <= 25) or (bool(words) and len(words) < 60 and not re.search(r"\d%", words))


# --- Sentences that give a task.

_VERBS = (
    "chủ trì|chủ động|phối hợp|chỉ đạo|hướng dẫn|tham mưu|xây dựng|triển khai|tổ chức|thực hiện|theo dõi|có trách nhiệm|có nhiệm vụ|chịu trách nhiệm|căn cứ|"
    "tăng cường|đẩy mạnh|rà soát|bố trí|cân đối|tuyên truyền|đôn đốc|kiểm tra|tổng hợp|báo cáo|đảm bảo|bảo đảm|khảo sát|vận động|ban hành|cung cấp|"
    "hoàn thành|hoàn thiện|nghiên cứu|đề xuất|tiếp tục|thường xuyên|khẩn trương|nghiêm túc|làm|là đầu mối|là cơ quan|là đơn vị|giúp|thẩm định|phân bổ|giám sát|quán triệt|lồng ghép|"
    "cập nhật|kết nối|số hóa|số hoá|đưa|mở|lập|cử|phân công|quản lý|đánh giá|hỗ trợ|tạo|phát động|đăng ký|ứng dụng|nâng cấp|duy trì|bám sát|gửi|đề nghị|"
    "thành lập|huy động|bám|tập trung|tập huấn|đào tạo|bồi dưỡng|lắp đặt|trang bị|niêm yết|công khai|phổ biến|xử lý|giải quyết|tiếp nhận|thu thập|phát triển|"
    "trình|chuẩn bị|đầu tư|khai thác|vận hành|phát huy|tích cực|kịp thời|định kỳ|hằng|hàng|chậm nhất|trước ngày|phải|cần|sử dụng|yêu cầu|giao|lựa chọn|"
    "thông báo|phản ánh|theo chức năng|trên cơ sở|trong phạm vi|hoàn tất|khắc phục|thống kê|lãnh đạo|điều phối|điều hành|đưa tin|đăng tải|xây|thu|ưu tiên|"
    "chấp hành|nâng cao|phát hành|thanh tra|tham gia|nhân rộng|sơ kết|tổng kết|biểu dương|khuyến khích|đổi mới|thúc đẩy|quan tâm|cấp phát|cấp|thí điểm|tự"
)
_DOES = re.compile(rf"\s*(?:\([^()]{{0,120}}\)\s*)?[,:]?\s*(?:và\s+)?(?:\*+)?\s*(?:{_VERBS})\b", re.IGNORECASE)
_GIVES = re.compile(
    r"(?:\*+)?(?P<word>Giao|Đề nghị|Yêu cầu|Phân công|Giao cho|Giao nhiệm vụ cho|UBND (?:tỉnh|huyện|thành phố|xã|thị xã|quận) (?:giao|yêu cầu|đề nghị|phân công))\s+(?:cho\s+)?",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"(?:Căn cứ|Trên cơ sở|Theo|Để|Hằng năm|Hàng năm|Trong quá trình|Định kỳ|Đối với|Trước ngày|Từ|Đến|Trong)\b[^,;:]{0,140},\s*",
    re.IGNORECASE,
)
_LEADS = re.compile(r"\s*(?:\([^()]{0,80}\)\s*)?(?:là\s+(?:cơ quan|đơn vị)\s+)?,?\s*chủ trì\b", re.IGNORECASE)
_TOGETHER = re.compile(
    r"phối hợp\s*(?:chặt chẽ|đồng bộ|thường xuyên|hiệu quả|,)?\s*(?P<with>với|cùng(?: với)?)?\s*(?=(?:các|những)?)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Who:
    lead: tuple[str, ...]
    coordinate: tuple[str, ...]
    after: int  # where the task begins in the sentence
    is_strong: bool  # «Giao», «chủ trì» or «phối hợp»: surely a task


def _who(sentence: str) -> _Who:  # noqa: C901  one step for each way to name a body
    """Return who leads and co-ordinates by the words of one sentence."""
    start = mark_of(sentence)[2]
    while opening := _OPENING.match(sentence, start):
        if _begins_name(sentence, opening.end()) is None:
            break
        start = opening.end()
    given = _GIVES.match(sentence, start)
    first = _begins_name(sentence, given.end() if given else start)
    lead: list[FoundName] = []
    end = start
    if first is not None:
        run, end = list_at(sentence, first)
        does = _DOES.match(sentence, end)
        if (run and (given or does)) or (run and re.match(r"\s*:", sentence[end:])):
            lead = run
        if not lead:
            end = start
    strong = bool(given and lead)
    if leads := re.search(r"\bchủ trì\b", sentence, re.IGNORECASE):
        before = _run_before(sentence, leads.start())
        if before and not lead:
            lead, strong = before, True
        strong = strong or bool(lead)
    coordinate: list[FoundName] = []
    for mark in _TOGETHER.finditer(sentence):
        run, run_end = list_at(sentence, mark.end())
        if run and run[0].start - mark.end() < 3:
            coordinate += run
            end = max(end, run_end) if mark.start() - end < 40 else end
            strong = strong or bool(lead)
        elif not mark["with"]:
            before = [each for each in _run_before(sentence, mark.start()) if each not in lead]
            coordinate += before
            end = max(end, mark.end()) if before and lead else end
    leading = tuple(dict.fromkeys(each.words for each in lead))
    others = tuple(each for each in dict.fromkeys(each.words for each in coordinate) if each not in leading)
    return _Who(leading, others, end, strong)


def _begins_name(text: str, at: int) -> int | None:
    """Return where a name begins if the text goes on with one there."""
    skipped = re.match(r"[\s*“\"]*(?:(?:cho|thêm)\s+)?", text[at:])
    begin = at + (skipped.end() if skipped else 0)
    for each in names_in(text):
        if each.start <= begin < each.end:
            return begin if each.start == begin else None
        if each.start > begin:
            return None
    return None


def _run_before(text: str, at: int) -> list[FoundName]:
    """The names that stand right before a place, joined by commas and «và»."""
    run: list[FoundName] = []
    names = [each for each in names_in(text) if each.end <= at]
    end = at
    for each in reversed(names):
        if not re.fullmatch(
            r"\s*(?:\([^()]{0,80}\))?[\s,;&]*(?:và|cùng)?\s*(?:là (?:cơ quan|đơn vị))?\s*", text[each.end : end]
        ):
            break
        run.insert(0, each)
        end = each.start
    return run


# --- All of a plan.

_SILENT = {Topic.HEAD, Topic.BASE, Topic.END, Topic.PURPOSE, Topic.SITUATION}


def owner_of(nodes: Sequence[Node], node: Node) -> tuple[int, list[FoundName], list[str]] | None:
    """Return the nearest heading over a node that names who does what stands under it: its index, the bodies, and with whom."""
    for at in reversed(node.above):
        over = nodes[at]
        if over.line.cells:
            continue
        words = over.words
        if only := is_only_names(words):
            return at, only, []
        if words.rstrip("* ").endswith(":") and len(words) < 220:
            who = _who(words)
            named = [each for each in names_in(words) if each.words in who.lead]
            if named and re.search(r"chủ trì|trách nhiệm|nhiệm vụ|thực hiện|giao", words, re.IGNORECASE):
                return at, named, list(who.coordinate)
        if over.line.rank <= ROMAN:
            return None
    return None


def tasks_in(nodes: Sequence[Node]) -> tuple[list[FoundTask], list[Doubt]]:
    """Return the tasks of the running text in order, and words that look like one."""
    tasks: list[FoundTask] = []
    doubts: list[Doubt] = []
    done: set[int] = set()
    for found, used in _labelled(nodes):
        tasks.append(found)
        done |= used
    for node in nodes:
        if node.index in done or node.line.cells or node.line.is_note or node.topic in _SILENT or node.style in _FORM:
            continue
        if is_only_names(node.words):
            continue
        if node.is_heading and (
            is_only_names(node.words) or not _who(node.words).is_strong or node.words.rstrip().endswith(":")
        ):
            continue
        if labels := _only_of_a_task(node):
            if tasks and 0 < node.index - tasks[-1].at <= 3 and not tasks[-1].deadline:
                tasks[-1] = replace(
                    tasks[-1],
                    deadline=labels.of("deadline"),
                    deadline_at=node.index,
                    result=labels.of("result") or tasks[-1].result,
                )
            continue
        for each in _of_paragraph(nodes, node):
            if isinstance(each, FoundTask):
                tasks.append(each)
            else:
                doubts.append(each)
    return sorted(tasks, key=lambda each: each.at), doubts


def _only_of_a_task(node: Node) -> _Labels | None:
    """«Thời gian thực hiện: Năm 2021. Sản phẩm: ...» as a line of its own tells of the task just before it."""
    labels = _labels(node.words)
    if labels is None or labels.before or node.line.cells:
        return None
    return labels if {kind for kind, _ in labels.values} <= {"deadline", "result"} else None


_FORM = {"appendix", "appendix_title", "appendix_note", "recipients", "recipient", "signer"}


def _of_paragraph(nodes: Sequence[Node], node: Node) -> Iterator[FoundTask | Doubt]:
    text = node.words
    offset = text.find(":") + 1 if node.label and topic_is_quiet(node.label) else 0
    owner = owner_of(nodes, node)
    held: FoundTask | None = None
    parts = sentences(text[offset:])
    for start, end in parts:
        sentence = text[offset + start : offset + end].strip()
        who = _who(sentence)
        takes = who.lead and (
            who.is_strong
            or node.topic in {Topic.TASK, Topic.ORGANISATION, Topic.OTHER}
            or not all(map(means_many, who.lead))
        )
        if takes and owner and not who.is_strong and not _is_new_lead(who, owner[1]):
            takes = ()
        if takes:
            if held:
                yield held
            task = sentence[who.after :].strip(" ,:;.*")
            held = FoundTask(
                at=node.index,
                sentence=sentence,
                task=task if len(task) >= 12 else sentence,
                task_at=node.index,
                lead=who.lead,
                lead_at=node.index,
                coordinate=who.coordinate,
                coordinate_at=node.index if who.coordinate else -1,
            )
        elif held:
            held = replace(
                held,
                sentence=f"{held.sentence} {sentence}",
                task=text[text.find(held.task) : offset + end].strip() if held.task in text else held.task,
                coordinate=tuple(
                    dict.fromkeys((*held.coordinate, *(each for each in who.coordinate if each not in held.lead)))
                ),
                coordinate_at=node.index if held.coordinate or who.coordinate else -1,
            )
        elif owner:
            at, names, others = owner
            lead = tuple(dict.fromkeys(each.words for each in names))
            coordinate = tuple(each for each in dict.fromkeys((*others, *who.coordinate)) if each not in lead)
            held = FoundTask(
                at=node.index,
                sentence=sentence,
                task=text[offset + start :].strip() if start == 0 else sentence,
                task_at=node.index,
                lead=lead,
                lead_at=at,
                coordinate=coordinate,
                coordinate_at=node.index if who.coordinate else at if others else -1,
            )
            held = replace(held, task=sentence)
        elif re.match(r"\W*(?:Giao|Chủ trì)\b", sentence) or (
            who.coordinate and node.topic in {Topic.TASK, Topic.ORGANISATION}
        ):
            yield Doubt(at=node.index, words=sentence, why="Không rõ đơn vị nào chủ trì.")
    if held:
        yield held


def _is_new_lead(who: _Who, owners: Sequence[FoundName]) -> bool:
    """A body named at the beginning of a sentence under another's heading does the work itself, unless it is the same."""
    return not set(who.lead) & {each.words for each in owners}


def topic_is_quiet(label: str) -> bool:
    """A label such as «Yêu cầu:», «Về điều kiện triển khai:» only says what kind of words follow."""
    return len(label) < 45 and not names_in(label)


def _labelled(nodes: Sequence[Node]) -> Iterator[tuple[FoundTask, set[int]]]:
    """Tasks told by labels: in one paragraph, or one label a paragraph under the task or after it."""
    blocks: list[tuple[list[tuple[Node, _Labels]], Node | None]] = []
    for node in nodes:
        if node.line.cells or node.topic in {Topic.HEAD, Topic.BASE, Topic.END} or node.style in _FORM:
            continue
        found = _labels(node.words)
        if found is None or not any(kind != "task" for kind, _ in found.values):
            continue
        last = blocks[-1][0][-1] if blocks else None
        fresh = {kind for kind, _ in found.values}
        if (
            last
            and not found.before
            and node.above == last[0].above
            and node.index - last[0].index <= 2
            and not fresh & {kind for _, labels in blocks[-1][0] for kind, _ in labels.values}
        ):
            blocks[-1][0].append((node, found))
        else:
            blocks.append(([(node, found)], None))
    leads_under: dict[int, int] = {}
    for block, _ in blocks:
        node = block[0][0]
        if node.above and any(labels.has_names for _, labels in block):
            leads_under[node.above[-1]] = leads_under.get(node.above[-1], 0) + 1
    for block, _ in blocks:
        if any(labels.has_names for _, labels in block):
            made = _task_of(nodes, block, leads_under)
            if made:
                yield made


def _task_of(
    nodes: Sequence[Node], block: Sequence[tuple[Node, _Labels]], leads_under: dict[int, int]
) -> tuple[FoundTask, set[int]] | None:
    first, labels = block[0]
    lead: list[str] = []
    coordinate: list[str] = []
    at = {"lead": -1, "coordinate": -1, "deadline": -1}
    words = {"deadline": "", "result": "", "task": ""}
    for node, each in block:
        for kind, value in each.values:
            if kind in {"lead", "mixed"}:
                one, two = _roles(value)
                lead, coordinate = lead + one, coordinate + two
                at["lead"] = node.index
                at["coordinate"] = node.index if two else at["coordinate"]
            elif kind == "coordinate":
                coordinate += names_of_cell(value)
                at["coordinate"] = node.index
            else:
                words[kind] = words[kind] or value
                if kind == "deadline":
                    at["deadline"] = node.index
    task, task_at = _task_words(nodes, first, labels, words["task"], leads_under)
    if not lead:
        owner = owner_of(nodes, first)
        if owner is None:
            return None
        lead = [each.words for each in owner[1]]
        at["lead"] = owner[0]
    used = {node.index for node, _ in block} | ({task_at} if task_at >= 0 else set())
    return FoundTask(
        at=max(at["lead"], first.index),
        sentence=nodes[at["lead"]].words if at["lead"] >= 0 else first.words,
        task=task,
        task_at=task_at,
        lead=tuple(dict.fromkeys(lead)),
        lead_at=at["lead"],
        coordinate=tuple(each for each in dict.fromkeys(coordinate) if each not in lead),
        coordinate_at=at["coordinate"],
        deadline=words["deadline"],
        deadline_at=at["deadline"],
        result=words["result"],
    ), used


def _roles(value: str) -> tuple[list[str], list[str]]:
    if re.search(r"phối hợp", value, re.IGNORECASE):
        one, two, _ = split_roles(value)
        return one, two
    run, end = list_at(value, 0)
    rest = value[end:].strip(" .;,)")
    if run and run[0].start <= 3 and rest and not re.match(r"[,;]|và\b", value[end:].strip()):
        return list(dict.fromkeys(each.words for each in run)), []
    return names_of_cell(value), []


def _task_words(
    nodes: Sequence[Node], first: Node, labels: _Labels, named: str, leads_under: dict[int, int]
) -> tuple[str, int]:
    """The task that labels belong to: before them in the paragraph, the line over them, or the one just before."""
    if len(labels.before) >= 12:
        return labels.before, first.index
    if named and len(named) >= 12:
        return named, first.index
    parent = nodes[first.above[-1]] if first.above else None
    before = nodes[first.index - 1] if first.index else None
    while before and before.index > (parent.index if parent else -1) and _labels(before.words):
        before = nodes[before.index - 1] if before.index else None
    if (
        parent
        and (parent.line.rank <= ROMAN or leads_under.get(parent.index, 0) > 1)
        and before
        and before.index > parent.index
    ):
        return before.words, before.index
    if parent:
        return parent.words.rstrip(" :"), parent.index
    if before and before.line.rank in {TEXT, DASH}:
        return before.words, before.index
    return fold(""), -1
