"""The form of a packet: the same bytes for the same content, every change named, nothing from outside believed or feared."""

from __future__ import annotations

import io
import json
import random
import zipfile
from dataclasses import replace
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diem06.cube.closing.merkle import root_of
from diem06.cube.closing.seal import figure_record
from diem06.cube.packets import form
from diem06.cube.packets.checking import Known, checked, checks_beside, failed
from diem06.cube.packets.content import FACTS, Content, is_plain, personal
from diem06.cube.packets.definitions import differences
from diem06.cube.packets.tests.made_up import DEFINITIONS, PERSON, PERSON_NUMBER, content_of, key_of, make_province

pytestmark = pytest.mark.once
PROVINCE = make_province("90", seed=3, size=60)
QUICK = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def content() -> Content:
    return content_of(PROVINCE)


@pytest.fixture(scope="module")
def packet(content: Content) -> bytes:
    return form.write(content, key_of("90"))


def members_of(packet: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packet)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sealed_again(content: Content) -> Content:
    """Sign a content as its own province would: what is wrong is wrong from the beginning."""
    records = sorted(figure_record(vars(figure)) for figure in content.figures)
    seal = replace(content.seal, figures=len(records), figures_root=root_of(records))
    return replace(content, seal=seal, seal_signature=seal.signed(key_of(content.province)))


def faults(content: Content) -> list[str]:
    return failed(checked(form.write(content, key_of("90"))).checks)


def test_the_same_content_has_the_same_bytes_and_comes_back(content: Content, packet: bytes) -> None:
    """In whatever order its rows stand; what is read is what was written."""
    chance = random.Random(1)
    shuffled = replace(
        content,
        **{
            name: tuple(chance.sample(getattr(content, name), len(getattr(content, name))))
            for name in ("areas", "units", "coverage", "expected", "figures", "sources")
        },
        facts=content.facts.take(chance.sample(range(content.facts.num_rows), content.facts.num_rows)),
    )
    assert form.write(shuffled, key_of("90")) == packet
    read = form.content_of(form.opened(packet))
    assert form.write(read, key_of("90")) == packet
    assert (read.seal, read.definitions) == (content.seal, DEFINITIONS)
    assert failed(checked(packet).checks) == []


def test_one_changed_byte_in_any_member_is_named(packet: bytes) -> None:
    """In 40 places of each member, packed again so that the ZIP itself is whole."""
    chance = random.Random(2)
    right = members_of(packet)
    for name, content in right.items():
        for place in chance.sample(range(len(content)), min(40, len(content))):
            wrong = bytearray(content)
            wrong[place] ^= 1 << chance.randrange(8)
            found = checked(form.zipped(right | {name: bytes(wrong)}))
            named = (form.ABOUT, form.SIGNATURE) if name in {form.ABOUT, form.SIGNATURE} else (name,)
            assert not found.is_good
            assert any(each in words for each in named for words in failed(found.checks)), (name, place, found.checks)


def test_one_changed_byte_of_the_file_is_seen_or_changes_nothing(packet: bytes) -> None:
    """300 places of the file as it is sent: either a check fails, or every member is still the one that was signed."""
    chance = random.Random(3)
    right = members_of(packet)
    for place in chance.sample(range(len(packet)), 300):
        wrong = bytearray(packet)
        wrong[place] ^= 1 << chance.randrange(8)
        assert is_refused(bytes(wrong)) or members_of(bytes(wrong)) == right


def is_refused(packet: bytes) -> bool:
    """Do form, digests and signature refuse it? What they let pass is what was signed."""
    try:
        opened = form.opened(packet)
        return bool(form.changed_members(opened)) or not form.signer(opened)
    except form.FormError:
        return True


@QUICK
@given(st.binary(max_size=400))
def test_random_bytes_are_no_packet(raw: bytes) -> None:
    """A named error, never a traceback."""
    assert [check.name for check in checked(raw).checks] == ["form"]
    assert failed(checked(raw).checks)


@settings(parent=QUICK, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_packet_that_is_cut_off_or_spoiled_is_named(packet: bytes, data: st.DataObject) -> None:
    """Cut anywhere, or with a run of bytes written over."""
    at = data.draw(st.integers(0, len(packet) - 1))
    assert failed(checked(packet[:at]).checks)
    over = data.draw(st.binary(min_size=1, max_size=30))
    spoiled = packet[:at] + over + packet[at + len(over) :]
    assert is_refused(spoiled) or members_of(spoiled) == members_of(packet)


@settings(parent=QUICK, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([name for name in form.MEMBERS if name.endswith(("json", "jsonl"))]), st.data())
def test_a_member_that_says_something_else_is_named(
    packet: bytes, content: Content, name: str, data: st.DataObject
) -> None:
    """JSON of other fields and types in any member, signed by the province itself: a named error."""
    right = members_of(packet)
    junk = data.draw(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=6))  # fmt: skip
    members = {**right, name: (json.dumps(junk) + "\n").encode()}
    about = form.opened(packet).about
    if name != form.ABOUT:
        digests = tuple((each, form.hashlib.sha256(members[each]).hexdigest()) for each in form.DIGESTED)
        members[form.ABOUT] = form.as_json(replace(about, members=digests))
    members[form.SIGNATURE] = form.b64encode(key_of("90").sign(form.signed_bytes(members[form.ABOUT]))) + b"\n"
    found = failed(checked(form.zipped(members)).checks)
    assert found
    assert name in found[0] or found[0].startswith("content")


@pytest.mark.parametrize("name", ["../../etc/passwd", "/abs", "packet.json/../x", "extra.txt"])
def test_other_members_are_refused_by_name(packet: bytes, name: str) -> None:
    """No path of a packet is ever written to: a member is one of the eleven, or the file is no packet."""
    out = io.BytesIO(packet)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(name, b"x")
    assert "the members are not those of a packet" in failed(checked(out.getvalue()).checks)[0]


def test_a_bomb_is_refused_before_it_is_unpacked(packet: bytes) -> None:
    """Some kilobytes that would be gigabytes: the length that the file states is over the limit, or a lie."""
    bomb = form.zipped(members_of(packet) | {form.SOURCES: b"0" * (40 * form.MIB)})
    assert len(bomb) < form.MIB
    assert f"{form.SOURCES}: {40 * form.MIB} bytes, {form.MIB} at most" in failed(checked(bomb).checks)[0]
    honest = form.zipped(members_of(packet) | {form.SOURCES: b"0" * form.MIB})
    lie = honest.replace((form.MIB).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    assert failed(checked(lie).checks)[0].startswith("form: ")


def test_a_figure_that_its_facts_do_not_give_is_named(content: Content) -> None:
    """Sealed and signed by the province itself: one number too many in a figure, and one fact too many behind others."""
    chosen = next(f for f in content.figures if f.code == "F2" and f.numerator and not f.unit)
    more = replace(chosen, numerator=chosen.numerator + 1, value=str(chosen.numerator + 1))
    other = sealed_again(replace(content, figures=tuple(more if f is chosen else f for f in content.figures)))
    assert faults(other) == [
        f"figures: figure {chosen.key}: {chosen.numerator + 1} is written, the facts give {chosen.numerator}"
    ]
    doubled = replace(content, facts=pa.concat_tables([content.facts, content.facts]))
    assert any(words.startswith("figures: figure k90:F2:90:-:2023-07:1: ") for words in faults(doubled))


def test_a_number_of_people_counted_once_is_the_provinces_word(content: Content) -> None:
    """It is no sum of the packet's facts, so it is held by the seal alone: changed, the seal does not fit."""
    chosen = next(f for f in content.figures if f.code == "D1" and f.numerator)
    more = replace(chosen, numerator=chosen.numerator + 1, value=str(chosen.numerator + 1))
    found = faults(replace(content, figures=tuple(more if f is chosen else f for f in content.figures)))
    assert found == [
        f"seal: the figures are not those that were sealed: {len(content.figures)} are here, {len(content.figures)} were sealed"
    ]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("place", PERSON),
        ("place", PERSON_NUMBER),
        ("place", "gate:1"),
        ("dimensions", f"note={PERSON_NUMBER}"),
        ("dimensions", f"note={PERSON}"),
        ("dimensions", "who=a"),
        ("unit", PERSON_NUMBER),
    ],
)
def test_what_looks_personal_is_refused_and_not_repeated(content: Content, column: str, text: str) -> None:
    """A citizen number or a name in any text of a fact: neither exported nor loaded, and the fault does not say it."""
    rows = content.facts.to_pylist()
    row = next(each for each in rows if each["measure"] == "visits")
    facts = pa.Table.from_pylist([*rows, row | {column: text}], schema=FACTS)
    found = list(personal(replace(content, facts=facts)))
    assert len(found) == 1
    assert text not in found[0]
    assert any(words.startswith("personal data: ") for words in faults(replace(content, facts=facts)))


def test_no_byte_of_a_packet_tells_of_a_person(packet: bytes) -> None:
    """The province's facts name a person and a citizen number as entity, record and place; no member holds them, whole or in part."""
    planted = [
        fact for fact in PROVINCE.facts if PERSON in fact["record"] and PERSON_NUMBER in fact["place"] + fact["entity"]
    ]
    assert len(planted) > 20
    everything = b"\n".join(members_of(packet).values())
    table = form.content_of(form.opened(packet)).facts
    assert table.column_names == FACTS.names
    unpacked = everything + json.dumps(table.to_pylist(), default=str, ensure_ascii=False).encode()
    for secret in (PERSON, "Nguyễn", PERSON_NUMBER, PERSON_NUMBER[:9]):
        assert secret.encode() not in unpacked
    assert set(table["place"].to_pylist()) == {"", "gate", "post"}


@pytest.mark.parametrize(("text", "plain"), [("gate", True), ("level_4", True), ("24.01-x", True), ("123456789", False), ("a 1", False), ("Nguyễn", False), ("", False)])  # fmt: skip
def test_what_a_code_may_be(text: str, plain: bool) -> None:
    assert is_plain(text) is plain


def test_definitions_that_differ_are_named() -> None:
    """By measure and line, with the field."""
    f1, *rest = DEFINITIONS.lines
    target = replace(f1.targets[0], value=Decimal("0.6"))
    other = replace(DEFINITIONS, lines=(replace(f1, targets=(target,)), *rest[:-1]))
    assert list(differences(DEFINITIONS, other)) == [
        "indicator D1 is only in this packet",
        "indicator F1 differs in targets",
        "the order of measures or indicators is another one",
    ]
    assert list(differences(DEFINITIONS, DEFINITIONS)) == []
    assert DEFINITIONS.hash != other.hash


def test_what_is_known_beside_a_packet(content: Content, packet: bytes) -> None:
    """The key must be trusted for that very province, definitions and days those of the others, no area in two packets."""
    opened = form.opened(packet)

    def beside(**known: object) -> list[str]:
        keys = frozenset({content.seal.public_key})
        return failed(list(checks_beside(opened, content, Known(**{"keys": keys, **known}))))

    assert beside() == []
    assert beside(keys=frozenset({"ab" * 32})) == [f"key: {content.seal.public_key} is not trusted for province 90"]
    other = replace(DEFINITIONS, lines=DEFINITIONS.lines[1:])
    assert "definitions: indicator F1 is only in this packet" in beside(definitions=other)
    assert beside(areas={"901": "24"}) == ["period: area 901 is in the packet of 24 too"]
    assert "another packet of 90 is loaded" in beside(loaded="0" * 64)[0]
    assert beside(loaded="0" * 64, may_replace=True) == []
    assert beside(loaded=opened.sha256) == []


def test_names_that_nobody_listed_are_named(content: Content) -> None:
    """An area, a unit, a parent that is not in the packet; a root that is not the province."""
    gone = replace(content, units=content.units[1:], areas=content.areas[:-1])
    found = " ".join(faults(gone))
    assert f"unit {content.units[0].code}: named by" in found
    assert f"area {content.areas[-1].code}: named by" in found
    lost = replace(content, areas=tuple(replace(a, parent="x") if a.level == "district" else a for a in content.areas))
    assert "its parent x is missing" in " ".join(faults(lost))
    first, second = [area.code for area in content.areas if area.level == "district"][:2]
    turned = {first: second, second: first}
    circle = tuple(replace(a, parent=turned.get(a.code, a.parent)) for a in content.areas)
    assert f"area {first} lies in itself" in " ".join(faults(replace(content, areas=circle)))
