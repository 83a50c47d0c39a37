"""Signed notes and checkpoints."""

import pytest

from chartly.ledger import checkpoint, note
from chartly.ledger.checkpoint import Checkpoint, CheckpointInvalidError
from chartly.ledger.note import NoteInvalidError, Signer, Verifier

SEED = bytes(range(32))


@pytest.fixture
def signer() -> Signer:
    """A log's key."""
    return Signer("example.com/log", SEED)


def test_a_signed_note_opens_with_its_key(signer: Signer) -> None:
    """A note opens with the verifier of the vkey text of its key."""
    signed = signer.sign("hello\n")
    assert note.open_note(signed, Verifier.from_vkey(signer.verifier.vkey)) == "hello\n"


@pytest.mark.parametrize("at", [0, 3, 30, 60])
def test_a_changed_byte_is_refused(signer: Signer, at: int) -> None:
    """A change of any byte of text, name or signature is refused."""
    signed = bytearray(signer.sign("hello world, this is text\n"))
    signed[at] ^= 0x01
    with pytest.raises(NoteInvalidError):
        note.open_note(bytes(signed), signer.verifier)


def test_a_foreign_signature_alone_does_not_open(signer: Signer) -> None:
    """A note with only another key's signature is refused."""
    with pytest.raises(NoteInvalidError):
        note.open_note(Signer("example.com/other", SEED).sign("hello\n"), signer.verifier)


def test_sixteen_foreign_signatures_are_passed_over(signer: Signer) -> None:
    """A note with 16 further signatures opens, as C2SP requires."""
    text = "hello\n"
    lines = [Signer(f"witness.example/{i}", bytes([i] * 32)).sign(text).split(b"\n\n")[1] for i in range(1, 17)]
    assert note.open_note(signer.sign(text) + b"".join(lines), signer.verifier) == text


def test_a_vkey_with_another_id_is_refused(signer: Signer) -> None:
    """The key id in a vkey must be its key's."""
    name, _, key = signer.verifier.vkey.split("+", 2)
    with pytest.raises(NoteInvalidError):
        Verifier.from_vkey(f"{name}+00000000+{key}")


def test_a_checkpoint_reads_back() -> None:
    """A checkpoint's text parses back to its origin, size and root."""
    head = Checkpoint("example.com/log", 7, bytes(32))
    assert checkpoint.parse(head.text, "example.com/log") == head


@pytest.mark.parametrize("size", ["07", "-1", "+7", "", "7 ", "99999999999999999999"])
def test_a_size_has_one_spelling(size: str) -> None:
    """A size is a decimal number without leading zeros, below the bound."""
    root = Checkpoint("o", 1, bytes(32)).text.split("\n")[2]
    with pytest.raises(CheckpointInvalidError):
        checkpoint.parse(f"o\n{size}\n{root}\n", "o")
