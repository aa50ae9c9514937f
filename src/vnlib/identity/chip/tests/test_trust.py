import base64

import pytest

from vnlib.identity.chip import TrustStore, der
from vnlib.identity.chip.certificates import read_certificate, read_revocation_list
from vnlib.identity.chip.errors import SignatureMismatchError, SignedDataError
from vnlib.identity.chip.keys import load_key
from vnlib.identity.chip.masterlist import look_at, read_master_list
from vnlib.identity.chip.signatures import Algorithm, verify
from vnlib.identity.chip.tests.chips import (
    DATA,
    MASTER_LIST_SIGNER,
    Authority,
    EcKey,
    RsaKey,
    flipped,
    master_list,
)

# Made by OpenSSL 3.0: public key, ECDSA-SHA256 signature of b"vnlib".
OPENSSL = {
    "brainpoolP224r1": (
        (
            "3052301406072a8648ce3d020106092b2403030208010105033a00048a46a7e84f89a149b43d39ea40fab21fa3e5b5cdb8b162efb18188d8"
            "8fb7a80e756c115608fa766eac552b6a697780879de7bf576be38e96"
        ),
        (
            "303e021d00d74f0842c412a3912792dc1a43697f71cafd9f5f465de68e0b977b83021d00b18e4f8ec24957243d8b7d2d9913aa1aa8d54bda"
            "138a57d4ce04a6c9"
        ),
    ),
    "brainpoolP320r1": (
        (
            "306a301406072a8648ce3d020106092b24030302080101090352000461194bb86e85312f58a518a20365d68c702fbe2dc9bd4837b5c528ec"
            "6c19e8872b63c0f22f70f3776f5c5d49fb37436c6f2248bc4e58d04ad30d86bf66ef57a546f1d6b26809ba9a8294e85a8041ff4d"
        ),
        (
            "305502286a43ed66a763c45530ae77a026567ebbdb7d6ad63934e67e08ba1f60a1e88670ca20546f08cb1e1c022900ad44a69394fe5fd1b0"
            "32c692b3b55e03fdf9fbb5afc0f7453e03a8f114c9196f183f0f3a2e603e39"
        ),
    ),
}


@pytest.mark.parametrize("curve", OPENSSL)
def test_curves_verified_in_plain_integers_agree_with_openssl(curve):
    key, signature = (bytes.fromhex(text) for text in OPENSSL[curve])
    algorithm = Algorithm("ecdsa", "sha256")

    verify(load_key(key), algorithm, signature, b"vnlib")
    with pytest.raises(SignatureMismatchError):
        verify(load_key(key), algorithm, signature, b"vnlic")
    with pytest.raises(SignatureMismatchError):
        verify(load_key(key), algorithm, flipped(signature, -1), b"vnlib")


def pem(content, label="CERTIFICATE"):
    return f"-----BEGIN {label}-----\n".encode() + base64.encodebytes(content) + f"-----END {label}-----\n".encode()


def test_folder_of_mixed_files_is_sorted_out(tmp_path):
    one, two, three = Authority(common="One"), Authority(common="Two"), Authority(common="Three")
    (tmp_path / "deep").mkdir()
    (tmp_path / "one.der").write_bytes(one.der)
    (tmp_path / "deep" / "both.pem").write_bytes(
        b"Subject: two\r\n" + pem(two.der).replace(b"\n", b"\r\n") + pem(three.der)
    )
    (tmp_path / "list.crl").write_bytes(one.crl(5))
    (tmp_path / "list.pem").write_bytes(pem(two.crl(6), "X509 CRL"))
    (tmp_path / "signer.cer").write_bytes(one.signer().der)
    (tmp_path / "again.crt").write_bytes(one.der)
    for name, content in (("empty", b""), ("note.txt", b"hello"), ("bad.pem", b"-----BEGIN CERTIFICATE-----\n!\n")):
        (tmp_path / name).write_bytes(content)

    trust = TrustStore.load([tmp_path])

    assert {read_certificate(one.der) for one in (one, two, three)} == set(trust.issuers)
    assert len(trust.revocation_lists) == 2
    assert [signer.serial for signer in trust.signers] == [2002]
    assert {note.source.rpartition("/")[2] for note in trust.notes} == {"empty", "note.txt", "bad.pem", "signer.cer"}


def test_link_is_trusted_only_with_the_issuer_that_signed_it():
    old = Authority()
    link = Authority(key=EcKey("secp384r1"), serial=8, issuer=old)
    trust = TrustStore()

    trust.add(link.der)
    assert (len(trust.issuers), len(trust.links)) == (0, 1)
    trust.add(old.der)
    assert (len(trust.issuers), len(trust.links)) == (2, 0)


def test_self_signed_certificate_with_a_wrong_signature_is_not_usable():
    key = RsaKey()
    seen = look_at(flipped(Authority(key=key).der, -1))

    assert (seen.why, seen.self_signature) == ("self_signature_failed", "failed")


def test_master_list_must_be_signed_by_a_signer_of_master_lists_under_an_authority_in_it():
    csca = Authority()
    signer = csca.signer(more=(MASTER_LIST_SIGNER,))
    other = Authority(common="Other").der

    found = read_master_list(master_list(signer, csca.der, other))
    assert len(found.certificates) == 2
    assert found.issuer.subject == csca.subject
    for wrong in (
        master_list(csca.signer(), csca.der),
        master_list(signer, other),
        master_list(signer, csca.der, certificates=[]),
        flipped(master_list(signer, csca.der), -1),
        master_list(csca.signer(more=(MASTER_LIST_SIGNER,), key=EcKey()), csca.der, certificates=[signer.der]),
    ):
        with pytest.raises(SignedDataError):
            read_master_list(wrong)


def test_one_bit_in_the_real_master_list_and_no_certificate_of_it_is_trusted():
    content = (DATA / "masterlists" / "DE_ML_2024-08-07-07-38-24.ml").read_bytes()
    for place in range(40, len(content), len(content) // 10):
        trust = TrustStore()
        trust.add(flipped(content, place))
        assert trust.issuers == []
        assert len(trust.notes) == 1


def test_revocation_list_tells_serials_and_days():
    found = read_revocation_list(Authority().crl(5, 2002))

    assert set(found.revoked) == {5, 2002}
    assert found.next_update > found.this_update


def test_authority_of_an_unknown_algorithm_is_listed_with_its_subject_and_not_used():
    content = Authority().der
    unknown = content.replace(der.oid("1.2.840.10045.4.3.2"), der.oid("1.2.840.10045.4.3.9"))

    seen = look_at(unknown)

    assert (seen.why, seen.certificate.name) == ("algorithm_not_usable", "CN=CSCA, C=VN")


def test_what_is_kept_of_a_signer_never_outlives_what_is_added_to_the_store():
    """A signer whose issuer was unknown is judged anew once that issuer is trusted, and again when a second certificate of it is."""
    authority = Authority(common="One")
    signer = read_certificate(authority.signer().der)
    store = TrustStore()
    store.add(Authority(common="Two").der)
    assert store.issuers_of(signer) == []

    store.add(authority.der)

    assert [issuer.encoded for issuer in store.issuers_of(signer)] == [authority.der]
    store.issuers_of(signer).clear()  # what is handed out is the caller's own
    assert len(store.issuers_of(signer)) == 1


def test_certificates_of_chips_are_read_once_and_not_kept_without_end():
    store = TrustStore()
    authority = Authority()
    first = authority.signer().der
    (known,) = store.read([first, b"no certificate"])

    assert store.read([first])[0] is known
    for serial in range(300):  # other bytes of the signature: a certificate for whoever reads it
        store.read([authority.der[:-2] + serial.to_bytes(2, "big")])
    assert store.read([first])[0] is not known
    (known,) = store.read([first])
    store.forget()
    assert store.read([first])[0] is not known
    assert store.issuers == []
