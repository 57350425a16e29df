"""Key files: made once, private, and refused when they are not."""

import os
import stat
from pathlib import Path

import pytest

from leds.keys import (
    ALERT_KEY,
    ALERT_PUBLIC_KEY,
    APPROVAL_KEY,
    APPROVAL_PUBLIC_KEY,
    CLIENT_KEY,
    CLIENT_SECRET,
    ISSUER_KEY,
    LEDGER_KEY,
    LEDGER_PUBLIC_KEY,
    SEALING_KEY,
    SUBJECT_KEY,
    KeyExposed,
    Keys,
    KeyUnusable,
    approval_key,
    ensure_keys,
    load_keys,
)

SECRETS = (ISSUER_KEY, LEDGER_KEY, ALERT_KEY, SEALING_KEY, SUBJECT_KEY, CLIENT_KEY, CLIENT_SECRET)


def fingerprint(keys: Keys) -> tuple[object, ...]:
    ledger, alerts = (key.public_key().public_bytes_raw() for key in (keys.ledger, keys.alerts))
    return (keys.issuer.kid, ledger, alerts, keys.sealing, keys.subject, keys.client.kid, keys.client_secret)


def test_keys_are_made_once_and_load_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "home" / "keys"
    made = fingerprint(ensure_keys(folder))
    assert fingerprint(load_keys(folder)) == made
    assert fingerprint(ensure_keys(folder)) == made
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        (*SECRETS, APPROVAL_KEY, LEDGER_PUBLIC_KEY, ALERT_PUBLIC_KEY, APPROVAL_PUBLIC_KEY)
    )


def test_two_homes_share_no_key(tmp_path: Path) -> None:
    one, other = (fingerprint(ensure_keys(tmp_path / name)) for name in ("one", "other"))
    assert [left == right for left, right in zip(one, other, strict=True)] == [False] * len(one)


def test_key_files_are_their_owners_alone_even_under_a_lax_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    ensure_keys(tmp_path / "keys")
    os.umask(before)
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert {stat.S_IMODE((tmp_path / "keys" / name).stat().st_mode) for name in (*SECRETS, APPROVAL_KEY)} == {0o600}


def test_the_key_that_approves_is_refused_when_others_can_read_it(tmp_path: Path) -> None:
    ensure_keys(tmp_path)
    assert approval_key(tmp_path).public_key() == approval_key(tmp_path).public_key()
    (tmp_path / APPROVAL_KEY).chmod(0o644)
    with pytest.raises(KeyExposed, match=APPROVAL_KEY):
        approval_key(tmp_path)


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_key_others_can_reach_is_refused(tmp_path: Path, name: str, mode: int) -> None:
    ensure_keys(tmp_path)
    (tmp_path / name).chmod(mode)
    with pytest.raises(KeyExposed, match=name) as refused:
        load_keys(tmp_path)
    assert "chmod 600" in refused.value.advice


@pytest.mark.parametrize("name", SECRETS)
def test_a_missing_key_is_named(tmp_path: Path, name: str) -> None:
    ensure_keys(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(KeyUnusable, match=name):
        load_keys(tmp_path)


@pytest.mark.parametrize("name", [name for name in SECRETS if name != CLIENT_SECRET])
def test_a_file_that_holds_no_key_is_named(tmp_path: Path, name: str) -> None:
    ensure_keys(tmp_path)
    (tmp_path / name).write_bytes(b"\xffnothing")
    with pytest.raises(KeyUnusable, match=name):
        load_keys(tmp_path)


def test_a_key_of_the_wrong_kind_is_named(tmp_path: Path) -> None:
    ensure_keys(tmp_path)
    (tmp_path / LEDGER_KEY).write_bytes((tmp_path / ISSUER_KEY).read_bytes())
    with pytest.raises(KeyUnusable, match=LEDGER_KEY):
        load_keys(tmp_path)


def test_keys_never_print_themselves(tmp_path: Path) -> None:
    keys = ensure_keys(tmp_path)
    assert keys.client_secret not in repr(keys)
    assert repr(keys.subject.secret) not in repr(keys)
    assert repr(keys.subject.secret) not in repr(keys)
