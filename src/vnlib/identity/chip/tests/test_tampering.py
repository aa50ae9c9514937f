"""One bit changed anywhere: refused by a name, or listed here with the reason why nothing that is signed changed."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vnlib.identity.chip import Chip, TrustStore, authenticate, der, read_folder
from vnlib.identity.chip.tests.chips import (
    AT,
    DATA,
    GROUPS,
    Authority,
    chip,
    flipped,
    oid,
    security_object,
    seq,
    set_of,
    signed_data,
)

CASES = [
    case["case"] for case in json.loads((DATA / "emrtd" / "index.json").read_text()) if case["expected"] == "accept"
]
DAMAGE = {
    "bad_sod", "signer_not_found", "key_not_usable", "dsc_not_for_documents", "message_digest_mismatch", "bad_sod_signature",
    "content_type_mismatch", "algorithm_not_usable", "untrusted_dsc",
}  # fmt: skip


def trusting(folder):
    trust = TrustStore()
    trust.add((folder / "csca.der").read_bytes())
    return trust


@pytest.mark.parametrize("case", CASES)
def test_one_bit_in_any_byte_of_the_sod_is_refused_by_name(case):
    """Every byte, another bit in each; none of these samples has unsigned attributes, so no byte is left that may change."""
    made, trust = read_folder(DATA / "emrtd" / case), trusting(DATA / "emrtd" / case)
    step = 1 if case.startswith("01") else 5

    accepted = []
    for place in range(0, len(made.sod), step):
        found = authenticate(
            Chip(flipped(made.sod, place, place * 5 % 8), made.groups, made.com, made.certificates), trust, at=AT
        )
        if found.decision != "refuse":
            accepted.append(place)
        else:
            assert found.reason in DAMAGE, (place, found.reason)

    assert accepted == []


@pytest.mark.parametrize("number", [1, 2, 13])
def test_one_bit_in_any_byte_of_a_group_is_a_hash_mismatch(number):
    folder = DATA / "emrtd" / "01_ecdsa_p256"
    made, trust = read_folder(folder), trusting(folder)

    for place in range(len(made.groups[number])):
        changed = {**made.groups, number: flipped(made.groups[number], place, place % 8)}
        found = authenticate(Chip(made.sod, changed, made.com), trust, at=AT)
        assert (found.decision, found.reason) == ("refuse", "dg_hash_mismatch")


def test_groups_under_each_other_s_number_are_a_hash_mismatch():
    folder = DATA / "emrtd" / "01_ecdsa_p256"
    made = read_folder(folder)
    swapped = {**made.groups, 1: made.groups[2], 2: made.groups[1]}

    assert authenticate(Chip(made.sod, swapped), trusting(folder), at=AT).reason == "dg_hash_mismatch"


def test_swapped_hashes_are_a_digest_mismatch_and_signed_again_a_hash_mismatch():
    csca = Authority()
    signer, made = csca.signer(), None
    trust = TrustStore()
    trust.add(csca.der)
    made = chip(signer)
    content = security_object(GROUPS)
    one, two = (der.children(part)[1].content for part in der.children(der.children(der.element(content))[2])[:2])
    swapped = content.replace(one, b"?" * 32).replace(two, one).replace(b"?" * 32, two)

    assert (
        authenticate(Chip(made.sod.replace(content, swapped), GROUPS), trust, at=AT).reason == "message_digest_mismatch"
    )
    signed = der.encode(0x77, signed_data(swapped, signer))
    assert authenticate(Chip(signed, GROUPS), trust, at=AT).reason == "dg_hash_mismatch"


def test_one_bit_in_any_byte_of_the_issuer_s_certificate_leaves_no_trust():
    folder = DATA / "emrtd" / "01_ecdsa_p256"
    made, content = read_folder(folder), (folder / "csca.der").read_bytes()

    for place in range(len(content)):
        trust = TrustStore()
        trust.add(flipped(content, place, place % 8))
        found = authenticate(made, trust, at=AT)
        assert (found.decision, found.reason) in {("refuse", "issuer_unknown"), ("refuse", "untrusted_dsc")}, place


def test_one_bit_in_a_signer_s_certificate_beside_the_chip_is_refused():
    folder = DATA / "emrtd" / "16_no_embedded_dsc"
    made, content = read_folder(folder), (folder / "dsc.der").read_bytes()
    trust = trusting(folder)

    for place in range(len(content)):
        changed = Chip(made.sod, made.groups, None, (flipped(content, place, place % 8),))
        found = authenticate(changed, trust, at=AT)
        assert found.decision == "refuse", place
        assert found.reason in DAMAGE | {"dsc_not_valid_at_signing"}, place


def test_signer_of_another_chain_is_refused():
    mine, theirs = Authority(), Authority()
    trust = TrustStore()
    trust.add(mine.der)

    assert authenticate(chip(theirs.signer()), trust, at=AT).reason == "untrusted_dsc"
    right = mine.signer()
    grafted = chip(theirs.signer(), certificates=[right.der])
    assert authenticate(grafted, trust, at=AT).reason == "bad_sod_signature"


def test_what_nobody_signs_may_change_without_changing_what_is_read():
    """
    Unsigned attributes, zeros after the SOD, and EF.COM are outside every signature, and nothing is read from them.

    All else that is unsigned (versions, the list of hashes, parameters of algorithms, the signer's name and number) must be as the
    signed parts have it: that is what the test of every byte shows.
    """
    csca = Authority()
    signer = csca.signer()
    trust = TrustStore()
    trust.add(csca.der)
    unsigned = der.encode(0xA1, seq(oid("1.2.3.4"), set_of(der.encode(der.OCTET_STRING, b"remark"))))
    plain = authenticate(chip(signer), trust, at=AT)
    with_remark = chip(signer, unsigned=unsigned)

    assert authenticate(with_remark, trust, at=AT).fields == plain.fields
    changed = Chip(with_remark.sod.replace(b"remark", b"rumark"), GROUPS, b"\x60\x00")
    found = authenticate(changed, trust, at=AT)
    assert (found.decision, found.fields) == ("accept", plain.fields)


def test_attributes_that_say_a_thing_twice_are_refused():
    """A second digest would let one reader check the first and another the second."""
    csca = Authority()
    signer = csca.signer()
    trust = TrustStore()
    trust.add(csca.der)
    made = chip(signer)
    body = made.sod
    digest = seq(oid("1.2.840.113549.1.9.4"), set_of(der.encode(der.OCTET_STRING, b"x" * 32)))
    at = body.index(der.encode(der.OID, der.oid("1.2.840.113549.1.9.5")))
    time = der.element(body, at - 2)
    replaced = body.replace(time.encoded, digest)

    assert authenticate(Chip(replaced, GROUPS), trust, at=AT).reason == "bad_sod"


def test_stolen_key_cannot_sign_into_a_time_when_the_signer_was_not_valid():
    csca = Authority()
    signer = csca.signer(valid_until=datetime(2022, 1, 1, tzinfo=UTC))
    trust = TrustStore()
    trust.add(csca.der)

    made = chip(signer, signed_at=datetime(2022, 1, 2, tzinfo=UTC))

    assert authenticate(made, trust, at=AT).reason == "dsc_not_valid_at_signing"


FOLDER = DATA / "emrtd" / "01_ecdsa_p256"
MADE = read_folder(FOLDER)


def changed(draw, content):
    """`content` with a few bytes changed, put in, or cut out."""
    out = bytearray(content)
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(out)))
        out[place : place + draw(st.integers(0, 3))] = draw(st.binary(max_size=4))
    return bytes(out)


@settings(max_examples=300, deadline=10_000)
@given(st.data())
def test_whatever_a_chip_and_a_trust_store_hold_the_answer_is_a_decision(data):
    trust = TrustStore()
    trust.add(changed(data.draw, (FOLDER / "csca.der").read_bytes()))
    made = Chip(
        changed(data.draw, MADE.sod),
        {number: changed(data.draw, content) for number, content in MADE.groups.items()},
        changed(data.draw, MADE.com),
        (changed(data.draw, (FOLDER / "dsc.der").read_bytes()), data.draw(st.binary(max_size=60))),
    )

    found = authenticate(made, trust, at=AT)

    if found.decision != "refuse":
        assert {number: content.rstrip(b"\0") for number, content in made.groups.items()} == MADE.groups
        assert made.sod.rstrip(b"\0") == MADE.sod
        assert trust.issuers[0].encoded == (FOLDER / "csca.der").read_bytes()
