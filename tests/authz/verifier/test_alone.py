"""The verifier alone: no code of the project beside it, nothing to import but the standard library and cryptography."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import authz.verifier
from authz.verifier.__main__ import main
from authz.verifier.note import KeyUnreadable, read_keys
from tests.authz.verifier.writing import KEY, ORIGIN, Book, export, sample_book, verifier_key

PACKAGE = Path(authz.verifier.__file__).parent
ALLOWED = {*sys.stdlib_module_names, "cryptography"}


def pem(key: object = KEY) -> str:
    encoded = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    return encoded.decode()


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: file.name)
def test_it_imports_nothing_of_the_project(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text())):
        names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            assert name.split(".")[0] in ALLOWED or name.startswith("authz.verifier"), name


def test_it_runs_where_there_is_nothing_else_of_the_project(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "alone" / "authz" / "verifier")
    book = sample_book(tmp_path)
    run = [sys.executable, "-m", "authz.verifier", str(book.database), "--key", verifier_key(), "--json"]
    intact = subprocess.run(run, cwd=tmp_path / "alone", capture_output=True, text=True, check=False)
    book.edit(5)
    edited = subprocess.run(run, cwd=tmp_path / "alone", capture_output=True, text=True, check=False)
    assert (intact.returncode, intact.stderr, json.loads(intact.stdout)["intact"]) == (0, "", True)
    assert (edited.returncode, json.loads(edited.stdout)["first"]["position"]) == (1, 5)


def files(book: Book, folder: Path) -> dict[str, str]:
    named = {
        "pem": pem(),
        "keys": f"{verifier_key()}\n",
        "held": book.note(12),
        "receipts": f"{book.receipt(1)}\n{book.receipt(5)}\n",
        "none": "hello",
    }
    for name, content in named.items():
        (folder / name).write_text(content)
    (folder / "export").write_bytes(b"".join(export(book)))
    return {name: str(folder / name) for name in (*named, "export")}


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ("{folder} --key {pem}", 0),
        ("{database} --key {keys}", 0),
        ("{database} --key {pem} --checkpoint {held} --receipts {receipts}", 0),
        ("{export}", 0),
        ("{export} --key {pem} --checkpoint {held}", 0),
        ("{none} --key {pem}", 1),
        ("{database} --key {pem} --checkpoint {none}", 1),
        ("{database}", 2),
        ("{database} --key {none}", 2),
        ("{database} --key {folder}/nowhere", 2),
        ("{database} --key {pem} --receipts {none}", 2),
        ("{database} --key {pem} --checkpoint {folder}/nowhere", 2),
        ("--key {pem}", 2),
    ],
)
def test_the_exit_status_says_how_it_went(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: str, status: int
) -> None:
    book = sample_book(tmp_path)
    named = {**files(book, tmp_path), "folder": str(tmp_path), "database": str(book.database)}
    assert exit_status(arguments.format(**named).split()) == status
    assert capsys.readouterr().out.startswith(("intact\n", "NOT INTACT\n", "")[status])


def exit_status(arguments: list[str]) -> object:
    try:
        return main(arguments)
    except SystemExit as ended:
        return ended.code


def test_the_verdict_is_printed_to_be_read_and_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = sample_book(tmp_path)
    book.edit(5)
    main([str(book.database), "--key", verifier_key()])
    text = capsys.readouterr().out
    main([str(book.database), "--key", verifier_key(), "--json"])
    said = json.loads(capsys.readouterr().out)
    assert "EDITED leaf 5" in text
    assert (said["intact"], said["first"]["finding"], said["first"]["position"]) == (False, "EDITED", 5)
    assert [(log["origin"], log["leaves"], log["proven"]) for log in said["logs"]] == [(ORIGIN, 12, 5)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        verifier_key().replace("leds", "lads"),
        verifier_key()[:-4],
        verifier_key().replace("+AQ", "+Ag"),
        "-----BEGIN PUBLIC KEY-----\nhello\n-----END PUBLIC KEY-----\n",
        pem(ec.generate_private_key(ec.SECP256R1())),
    ],
)
def test_a_text_that_holds_no_key_is_refused(text: str) -> None:
    with pytest.raises(KeyUnreadable):
        read_keys([text])
