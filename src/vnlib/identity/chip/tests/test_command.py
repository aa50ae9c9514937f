"""Every sample chip, and the real master list, through the command line."""

import json
import shutil

import pytest

from vnlib.identity.__main__ import main
from vnlib.identity.chip.tests.chips import DATA

CASES = json.loads((DATA / "emrtd" / "index.json").read_text())
MASTER_LIST = DATA / "masterlists" / "DE_ML_2024-08-07-07-38-24.ml"
# Without a trust store: what is wrong with the chip itself is still said; else nobody knows who signed it.
WITHOUT_TRUST = {
    "10_dg13_changed": "dg_hash_mismatch",
    "11_signature_broken": "bad_sod_signature",
    "12_message_digest_wrong": "message_digest_mismatch",
    "15_dsc_not_yet_valid": "dsc_not_valid_at_signing",
    "17_dg_not_in_sod": "dg_not_in_sod",
    "19_dg1_dg13_disagree": "dg1_dg13_conflict",
}


def shown(capsys, *arguments):
    assert main([str(argument) for argument in arguments]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found.keys() == {"verdict", "reason", "checks", "fields"}
    assert all(check.keys() == {"name", "state", "detail"} for check in found["checks"])
    assert {check["state"] for check in found["checks"]} <= {"passed", "failed", "not_done"}
    assert all(check["detail"] for check in found["checks"] if check["state"] != "passed")
    return found


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_sample_has_the_expected_verdict_and_reason(case, capsys):
    folder = DATA / "emrtd" / case["case"]
    expected = (case["expected"], case["reason"])

    for trust in (folder / "csca.der", folder):
        found = shown(capsys, "chip", folder, "--trust", trust, "--at", "2026-06-01")
        assert (found["verdict"], found["reason"]) == expected


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_sample_without_trusted_issuers_is_never_accepted(case, capsys):
    found = shown(capsys, "chip", DATA / "emrtd" / case["case"])

    assert (found["verdict"], found["reason"]) == ("refuse", WITHOUT_TRUST.get(case["case"], "issuer_unknown"))
    assert found["fields"] == {}


def test_day_of_judging_decides_whether_the_signer_is_expired(capsys):
    folder = DATA / "emrtd" / "14_dsc_expired_now"

    assert shown(capsys, "chip", folder, "--trust", folder, "--at", "2021-10-01")["verdict"] == "accept"


def test_words_expiry_and_family_of_dg13_are_read(capsys):
    folder = DATA / "emrtd" / "02_no_expiry_spouse"

    fields = shown(capsys, "chip", folder, "--trust", folder)["fields"]

    assert fields["name"] == "Đặng Thị Quỳnh Ưu"
    assert (fields["expiry"], fields["spouse"], fields["father"]) == ("Không thời hạn", "Lê Văn Thử", "Đặng Văn Thử")
    assert (fields["issued"], fields["old_id"]) == ("2021-04-25", "022900006")


def test_path_that_is_not_there_is_said_with_status_1(tmp_path, capsys):
    assert main(["chip", str(tmp_path / "none")]) == 1
    assert main(["chip", str(tmp_path), "--trust", str(tmp_path / "none")]) == 1
    assert main(["masterlist", str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err


def test_folder_without_a_chip_is_refused(tmp_path, capsys):
    assert shown(capsys, "chip", tmp_path)["reason"] == "no_sod"


def test_other_names_of_the_files_are_known(tmp_path, capsys):
    folder = DATA / "emrtd" / "01_ecdsa_p256"
    for old, new in (
        ("EF_SOD.bin", "ef.sod"),
        ("DG1.bin", "EF_DG1.BIN"),
        ("DG2.bin", "dg02"),
        ("DG13.bin", "DG13.dat"),
    ):
        shutil.copy(folder / old, tmp_path / new)

    found = shown(capsys, "chip", tmp_path, "--trust", folder / "csca.der")

    assert (found["verdict"], found["fields"]["photo_format"]) == ("accept", "jpg")


def test_real_master_list_is_read_whole_and_verified(capsys):
    assert main(["masterlist", str(MASTER_LIST)]) == 0
    printed = capsys.readouterr()
    lines = [json.loads(line) for line in printed.out.splitlines()]

    assert len(lines) == 541
    assert [line["usable"] for line in lines].count(True) == 531
    assert {line["why"] for line in lines} == {"", "not_an_authority"}
    assert all(line["country"] and line["subject"] and line["key"] and line["valid_until"] for line in lines)
    assert {line["self_signature"] for line in lines} == {"verified", "by_listed_issuer", "other_issuer"}
    assert "CSCA Master List Signer" in printed.err


def test_vietnamese_issuer_has_explicit_parameters_and_its_self_signature_verifies(capsys):
    main(["masterlist", str(MASTER_LIST)])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    (vietnam,) = [line for line in lines if line["country"] == "VN"]

    assert vietnam["subject"].startswith("CN=CSCA ePassport Vietnam")
    assert (vietnam["key"], vietnam["self_signature"], vietnam["usable"]) == ("EC brainpoolP512r1", "verified", True)
    assert vietnam["sha256"].startswith("6b5fa6fe")
    assert vietnam["sha256"].endswith("c991bd")


def test_real_master_list_is_a_trust_store_that_knows_no_test_issuer(capsys):
    found = shown(capsys, "chip", DATA / "emrtd" / "01_ecdsa_p256", "--trust", MASTER_LIST)

    assert (found["verdict"], found["reason"]) == ("refuse", "untrusted_dsc")


def test_file_too_large_for_a_chip_is_refused_unread(tmp_path, capsys):
    with (tmp_path / "DG2.bin").open("wb") as file:
        file.truncate(5 * 1024**2)

    assert shown(capsys, "chip", tmp_path)["reason"] == "bad_data_group"


@pytest.mark.parametrize(
    ("day", "reason"), [("9999-12-31", "dsc_expired_but_valid_at_signing"), ("0001-01-01", "signed_in_the_future")]
)
def test_first_and_last_day_that_can_be_named_are_judged(capsys, day, reason):
    folder = DATA / "emrtd" / "01_ecdsa_p256"

    assert shown(capsys, "chip", folder, "--trust", folder, "--at", day)["reason"] == reason


def test_endless_file_is_too_large(capsys):
    """A device tells no size: what is read is counted."""
    assert main(["masterlist", "/dev/zero"]) == 1
    folder = DATA / "emrtd" / "01_ecdsa_p256"
    assert shown(capsys, "chip", folder, "--trust", "/dev/zero")["reason"] == "issuer_unknown"
