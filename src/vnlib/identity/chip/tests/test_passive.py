from datetime import UTC, datetime, timedelta

import pytest

from vnlib.identity.chip import Chip, State, TrustStore, authenticate, der
from vnlib.identity.chip.tests.chips import (
    AT,
    GROUPS,
    Authority,
    EcKey,
    RsaKey,
    algorithm,
    chip,
    extension,
    name,
    oid,
    security_object,
    seq,
    signed_data,
)


def store(*contents):
    trust = TrustStore()
    for content in contents:
        trust.add(content)
    return trust


def outcome(made, *trusted, at=AT, **more):
    found = authenticate(made, store(*trusted), at=at, **more)
    assert found.reason or found.decision == "accept"
    assert bool(found.fields) is (found.decision != "refuse")
    return str(found.decision), found.reason


def state_of(made, check, *trusted, at=AT):
    found = authenticate(made, store(*trusted), at=at)
    return next(one for one in found.checks if one.name == check).state


@pytest.fixture(scope="module")
def csca():
    return Authority()


@pytest.fixture(scope="module")
def signer(csca):
    return csca.signer()


@pytest.mark.parametrize("explicit", [False, True], ids=["named", "explicit"])
@pytest.mark.parametrize(
    "curve",
    [
        "secp224r1", "secp256r1", "secp384r1", "secp521r1", "brainpoolP224r1", "brainpoolP256r1", "brainpoolP320r1",
        "brainpoolP384r1", "brainpoolP512r1",
    ],
)  # fmt: skip
def test_every_listed_curve_signs_named_or_with_explicit_parameters(curve, explicit):
    csca = Authority(key=EcKey(curve, explicit=explicit), hash_name="sha384")
    signer = csca.signer(key=EcKey(curve, explicit=explicit))

    assert outcome(chip(signer), csca.der) == ("accept", "")
    assert outcome(chip(signer, kind="ecdsa-plain", hash_name="sha512"), csca.der) == ("accept", "")


@pytest.mark.parametrize("change", ["p", "a", "b", "x", "y", "n", "h"])
def test_explicit_parameters_that_differ_in_anything_are_never_used(change, csca):
    """CVE-2020-0601: the attacker's own base point makes a private key for anybody's public one."""
    key = EcKey("brainpoolP256r1", explicit=True)
    key.change = {change: 2 if change == "h" else getattr(key.curve, change) - 2}

    assert outcome(chip(csca.signer(key=key)), csca.der) == ("refuse", "key_not_usable")
    assert not store(Authority(key=key).der).issuers


@pytest.mark.parametrize("kind", ["rsa", "rsa-pss"])
@pytest.mark.parametrize("hash_name", ["sha1", "sha224", "sha256", "sha384", "sha512"])
def test_rsa_with_every_hash_and_weak_ones_flagged(kind, hash_name):
    csca = Authority(key=RsaKey(), kind=kind)
    made = chip(csca.signer(key=RsaKey(), kind=kind), kind=kind, hash_name=hash_name, group_hash=hash_name)

    weak = hash_name in {"sha1", "sha224"}
    assert outcome(made, csca.der) == (("accept_with_flag", "weak_hash") if weak else ("accept", ""))


def test_rsa_4096_and_rsa_1024(csca):
    large = Authority(key=RsaKey(4096), kind="rsa-pss", hash_name="sha512")

    assert outcome(chip(large.signer(key=RsaKey())), large.der) == ("accept", "")
    assert outcome(chip(csca.signer(key=RsaKey(1024))), csca.der) == ("accept_with_flag", "weak_key")


@pytest.mark.parametrize("hash_name", ["sha1", "sha224", "sha256", "sha384", "sha512"])
def test_ecdsa_with_every_hash(hash_name, csca, signer):
    verdict = outcome(chip(signer, hash_name=hash_name, group_hash="sha512"), csca.der)

    assert verdict == (("accept_with_flag", "weak_hash") if hash_name in {"sha1", "sha224"} else ("accept", ""))


def test_signer_info_that_names_only_the_key_takes_the_hash_from_the_digest(csca):
    ec_key = algorithm_of_key = seq(oid("1.2.840.10045.2.1"))
    rsa_key = seq(oid("1.2.840.113549.1.1.1"), der.encode(der.NULL, b""))

    assert algorithm_of_key
    assert outcome(chip(csca.signer(), algorithm_name=ec_key), csca.der) == ("accept", "")
    assert outcome(chip(csca.signer(key=RsaKey()), algorithm_name=rsa_key), csca.der) == ("accept", "")


def test_digest_may_be_another_hash_than_that_of_the_signature(csca, signer):
    assert outcome(chip(signer, hash_name="sha384", digest_name="sha256"), csca.der) == ("accept", "")


def test_signature_under_another_hash_than_named_is_refused(csca, signer):
    made = chip(signer, algorithm_name=algorithm("ecdsa", "sha384"))

    assert outcome(made, csca.der) == ("refuse", "bad_sod_signature")


def test_version_1_and_signer_by_key_identifier(csca, signer):
    assert outcome(chip(signer, version=1, by_key_id=True), csca.der) == ("accept", "")


def test_signer_beside_the_chip_or_in_the_trust_store_is_found_and_not_trusted(csca, signer):
    without = chip(signer, certificates=[])

    assert outcome(without, csca.der) == ("refuse", "signer_not_found")
    assert outcome(chip(signer, certificates=[], beside=[signer.der]), csca.der) == ("accept", "")
    assert outcome(without, csca.der, signer.der) == ("accept", "")
    assert outcome(chip(signer), signer.der) == ("refuse", "issuer_unknown")


def test_signer_beside_the_chip_does_not_stand_in_for_one_that_was_sent(csca, signer):
    other = csca.signer(serial=5)

    made = chip(signer, certificates=[other.der], beside=[signer.der])

    assert outcome(made, csca.der) == ("refuse", "signer_not_found")


def test_right_signature_of_an_unknown_issuer_is_not_called_authentic(csca, signer):
    made = chip(signer)

    assert outcome(made) == ("refuse", "issuer_unknown")
    assert state_of(made, "sod_signature") is State.PASSED
    assert state_of(made, "chain") is State.NOT_DONE
    assert outcome(made, Authority(common="Other").der) == ("refuse", "untrusted_dsc")


def test_several_authorities_of_one_name_and_the_right_one_is_found(csca, signer):
    others = [Authority(serial=number).der for number in (1, 2, 3)]

    assert outcome(chip(signer), *others, csca.der) == ("accept", "")
    assert outcome(chip(signer), *others) == ("refuse", "untrusted_dsc")


def test_authority_key_identifier_must_fit_too(csca):
    assert outcome(chip(csca.signer(authority_key_id=b"x" * 20)), csca.der) == ("refuse", "untrusted_dsc")


def test_name_of_the_issuer_must_fit_whatever_its_kind_of_string(csca):
    written_otherwise = name("CSCA", kind=der.PRINTABLE_STRING)

    assert outcome(chip(csca.signer(issuer_name=written_otherwise)), csca.der) == ("accept", "")
    assert outcome(chip(csca.signer(issuer_name=name("CSCB"))), csca.der) == ("refuse", "untrusted_dsc")


def test_link_certificate_is_an_issuer_like_any_other(csca):
    new_key = EcKey("secp384r1")
    new = Authority(key=new_key, serial=7)
    link = Authority(key=new_key, serial=8, issuer=csca)

    assert outcome(chip(new.signer()), csca.der, link.der) == ("accept", "")
    assert outcome(chip(new.signer()), csca.der) == ("refuse", "untrusted_dsc")
    assert outcome(chip(csca.signer()), new.der, link.der, csca.der) == ("accept", "")


def test_expired_signer_is_judged_at_the_signing_time_and_flagged(csca):
    short = csca.signer(valid_until=datetime(2022, 1, 1, tzinfo=UTC))

    assert outcome(chip(short), csca.der) == ("accept_with_flag", "dsc_expired_but_valid_at_signing")
    assert outcome(chip(short), csca.der, at=datetime(2021, 9, 1, tzinfo=UTC)) == ("accept", "")
    late = chip(short, signed_at=datetime(2022, 2, 1, tzinfo=UTC))
    assert outcome(late, csca.der) == ("refuse", "dsc_not_valid_at_signing")


def test_without_a_signing_time_the_signed_day_of_issue_counts_or_else_today(csca):
    short = csca.signer(valid_until=datetime(2022, 1, 1, tzinfo=UTC))
    flagged = ("accept_with_flag", "dsc_expired_but_valid_at_signing")

    assert outcome(chip(short, signed_at=None), csca.der) == flagged
    assert outcome(chip(short, signed_at=None, groups={1: GROUPS[1]}), csca.der) == (
        "refuse",
        "dsc_not_valid_at_signing",
    )


def test_signing_time_after_today_is_refused(csca, signer):
    made = chip(signer)

    assert outcome(made, csca.der, at=datetime(2021, 7, 1, tzinfo=UTC)) == ("refuse", "signed_in_the_future")


def test_authority_that_was_not_valid_at_the_signing_is_refused():
    expired = Authority(valid_until=datetime(2021, 6, 1, tzinfo=UTC))

    assert outcome(chip(expired.signer()), expired.der) == ("refuse", "csca_not_valid_at_signing")


def test_certificates_not_made_for_signing_documents_are_refused(csca):
    refused = ("refuse", "dsc_not_for_documents")

    assert outcome(chip(csca), csca.der) == refused
    assert outcome(chip(csca.signer(usage=b"\3\2\5\x20")), csca.der) == refused
    other_purpose = extension("2.5.29.37", seq(oid("2.23.136.1.1.3")))
    assert outcome(chip(csca.signer(more=(other_purpose,))), csca.der) == refused
    unknown = extension("1.2.3.4", b"\5\0", critical=True)
    assert outcome(chip(csca.signer(more=(unknown,))), csca.der) == refused


def test_signer_that_issues_a_signer_is_no_authority(csca, signer):
    below = Authority(common="Below", is_ca=False, issuer=signer)

    assert outcome(chip(below), csca.der, signer.der) == ("refuse", "untrusted_dsc")


def test_revocation_list_right_stale_foreign_and_absent(csca, signer):
    made = chip(signer)

    assert state_of(made, "revocation", csca.der) is State.NOT_DONE
    assert outcome(made, csca.der, csca.crl(5)) == ("accept", "")
    assert state_of(made, "revocation", csca.der, csca.crl(5)) is State.PASSED
    assert outcome(made, csca.der, csca.crl(2002)) == ("refuse", "dsc_revoked")
    assert outcome(made, csca.der, csca.crl(), at=AT + timedelta(days=100)) == ("accept_with_flag", "crl_stale")
    stale = csca.crl(2002, next_update=datetime(2026, 5, 2, tzinfo=UTC))
    assert outcome(made, csca.der, stale) == ("refuse", "dsc_revoked")
    assert outcome(made, csca.der, Authority().crl()) == ("accept_with_flag", "crl_not_verified")
    assert state_of(made, "revocation", csca.der, Authority(common="Other").crl(2002)) is State.NOT_DONE


def test_newest_revocation_list_counts_and_a_new_key_may_sign_it(csca, signer):
    older = csca.crl(5, this_update=datetime(2026, 1, 1, tzinfo=UTC))
    newer_key = Authority(serial=9)

    assert outcome(chip(signer), csca.der, older, newer_key.der, newer_key.crl(2002)) == ("refuse", "dsc_revoked")


def test_groups_left_out_are_not_done_and_groups_not_listed_are_refused(csca, signer):
    made = chip(signer)
    without_photo = Chip(made.sod, {1: GROUPS[1], 13: GROUPS[13]})

    assert outcome(without_photo, csca.der) == ("accept", "")
    assert state_of(without_photo, "dg2_hash", csca.der) is State.NOT_DONE
    assert outcome(Chip(made.sod, {}), csca.der) == ("refuse", "no_data_group")
    never_listed = chip(signer, hashes_of={1: b"x"}, groups=GROUPS)
    assert outcome(never_listed, csca.der) == ("refuse", "dg_hash_mismatch")
    assert outcome(Chip(chip(signer, groups={1: GROUPS[1]}).sod, GROUPS), csca.der) == ("refuse", "dg_not_in_sod")


def test_zeros_after_a_group_are_padding_and_anything_else_is_refused(csca, signer):
    made = chip(signer)

    def with_tail(tail):
        return Chip(made.sod, {number: content + tail for number, content in GROUPS.items()})

    assert outcome(with_tail(b"\0" * 300), csca.der) == ("accept", "")
    assert outcome(with_tail(b"\0\1"), csca.der) == ("refuse", "dg_hash_mismatch")
    assert outcome(Chip(made.sod + b"\0" * 9, GROUPS), csca.der) == ("accept", "")
    assert outcome(Chip(made.sod + b"\1", GROUPS), csca.der) == ("refuse", "bad_sod")


def test_padding_that_was_signed_with_the_group_is_right_too(csca, signer):
    padded = {number: content + b"\0" * 8 for number, content in GROUPS.items()}

    assert outcome(chip(signer, groups=padded), csca.der) == ("accept", "")


@pytest.mark.parametrize("content", [b"", b"\0", b"\x77", b"\x77\x82\xff\xff", b"\x77\x80\0\0", b"MZ" * 99])
def test_empty_and_corrupt_files_are_refused(content, csca, signer):
    reason = "bad_sod" if content else "no_sod"
    assert outcome(Chip(content, GROUPS), csca.der) == ("refuse", reason)
    assert outcome(Chip(chip(signer).sod, {1: content}), csca.der) == ("refuse", "dg_hash_mismatch")


def test_signed_group_that_cannot_be_read_is_flagged_not_trusted(csca, signer):
    strange = chip(signer, groups={1: b"\x61\x03\x5f\x1f\x00", 13: b"\x6d\x01\x00"})

    assert outcome(strange, csca.der) == ("refuse", "no_particulars")
    assert outcome(chip(signer, groups={2: GROUPS[2]}), csca.der) == ("refuse", "no_particulars")
    without_zone = chip(signer, groups={**GROUPS, 1: b"\x61\x03\x5f\x1f\x00"})
    assert outcome(without_zone, csca.der) == ("accept_with_flag", "dg1_unreadable")
    without_particulars = chip(signer, groups={**GROUPS, 13: b"\x6d\x01\x00"})
    assert outcome(without_particulars, csca.der) == ("accept", "")
    assert state_of(without_particulars, "dg1_dg13", csca.der) is State.NOT_DONE


def test_card_that_says_otherwise_is_refused(csca, signer):
    made = chip(signer)
    right = {"number": "001090900001", "dob": "1990-03-05", "sex": "Nam"}

    assert outcome(made, csca.der, printed=right) == ("accept", "")
    for part, wrong in (("number", "001090900002"), ("dob", "1990-03-06"), ("sex", "Nữ")):
        assert outcome(made, csca.der, printed={**right, part: wrong}) == ("refuse", "printed_conflict")


def test_old_and_foreign_names_of_the_content(csca, signer):
    content = security_object(GROUPS)
    for content_type in ("1.3.27.1.1.1", "1.2.840.113549.1.7.1"):
        signed = der.encode(0x77, signed_data(content, signer, content_type=content_type))
        assert outcome(Chip(signed, GROUPS), csca.der) == ("accept", "")
    other = der.encode(0x77, signed_data(content, signer, content_type="2.23.136.1.1.2"))
    assert outcome(Chip(other, GROUPS), csca.der) == ("refuse", "bad_sod")


def test_fields_are_those_of_the_signed_groups(csca, signer):
    found = authenticate(chip(signer), store(csca.der), at=AT)

    assert found.fields["number"] == "001090900001"
    assert found.fields["dob"] == "1990-03-05"
    assert found.fields["sex"] == "Nam"
    assert found.fields["photo_format"] == "jpg"
    assert found.signed_at == datetime(2021, 8, 14, tzinfo=UTC)
    assert [check.name for check in found.checks] == [
        "sod", "signer", "message_digest", "sod_signature", "chain", "validity_at_signing", "validity_now", "revocation",
        "dg1_hash", "dg2_hash", "dg13_hash", "com", "strength", "dg1_dg13", "printed", "copy",
    ]  # fmt: skip
