"""The keyring: the real library with a test backend."""

import sys
import threading
from collections.abc import Iterator

import keyring
import pytest
from keyring.backends import fail, null
from keyring.errors import KeyringLocked

from presence_tui.storage import keyrings
from presence_tui.storage.keyrings import Keyring, NoKeyring
from tests.unit.storage.memory_keyring import MemoryKeyring

SECRET = "a-secret-of-ours"


@pytest.fixture
def backend() -> Iterator[MemoryKeyring]:
    before = keyring.get_keyring()
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


def test_what_is_put_is_there_until_it_is_dropped(backend: MemoryKeyring) -> None:
    ours = Keyring()
    assert ours.get("harbour") is None
    ours.set("harbour", SECRET)
    ours.set("other", "another")
    assert ours.get("harbour") == SECRET
    assert ("presence-tui", "harbour") in backend.kept
    ours.delete("harbour")
    ours.delete("harbour")
    assert (ours.get("harbour"), ours.get("other")) == (None, "another")


def test_an_error_is_reported_by_name_without_the_secret(backend: MemoryKeyring) -> None:
    backend.trouble = KeyringLocked(f"could not store {SECRET}")
    for ask in (lambda: Keyring().set("harbour", SECRET), lambda: Keyring().get("harbour")):
        with pytest.raises(NoKeyring, match="KeyringLocked") as trouble:
            ask()
        assert SECRET not in str(trouble.value)


def test_a_missing_keyring_is_reported(backend: MemoryKeyring) -> None:
    keyring.set_keyring(fail.Keyring())
    with pytest.raises(NoKeyring, match="no keyring on this machine"):
        Keyring().get("harbour")


def test_one_that_forgets_everything_is_no_keyring(backend: MemoryKeyring) -> None:
    keyring.set_keyring(null.Keyring())
    with pytest.raises(NoKeyring, match="does not keep anything"):
        Keyring().set("harbour", SECRET)


def test_without_the_library_the_way_to_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(NoKeyring, match="pip install keyring"):
        Keyring().get("harbour")


def test_one_that_does_not_answer_is_not_waited_for_for_ever(
    backend: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = threading.Event()
    monkeypatch.setattr(backend, "get_password", lambda *_: answered.wait())
    monkeypatch.setattr(keyrings, "ANSWER_LIMIT_S", 0.01)
    with pytest.raises(NoKeyring, match="did not answer"):
        Keyring().get("harbour")
    answered.set()
