"""The desktop's keyring, through the optional library ``keyring``.

Imported on first use, because most runs do not need it and the import is slow.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import ModuleType
from typing import Final, TypeVar

from presence_tui.domain.translatable import phrase
from presence_tui.transport.credentials import CredentialError

ANSWER_LIMIT_S: Final = 30.0
"""Time limit of a keyring; a locked one first asks the user to unlock it."""

_SERVICE: Final = "presence-tui"

Found = TypeVar("Found")


class NoKeyring(CredentialError):
    """There is no keyring, or it does not answer."""


class Keyring:
    """Secrets by name. Every method raises ``NoKeyring``."""

    def get(self, name: str) -> str | None:
        """Return the secret stored under this name, or ``None``."""
        secret: str | None = _asked(lambda: _library().get_password(_SERVICE, name))
        return secret

    def set(self, name: str, secret: str) -> None:
        """Store a secret and read it back, because some backends accept secrets without storing them."""
        _asked(lambda: _library().set_password(_SERVICE, name, secret))
        if self.get(name) != secret:
            raise NoKeyring(phrase("The keyring does not keep anything."))

    def delete(self, name: str) -> None:
        """Delete a secret. A missing one is not an error."""
        if self.get(name) is not None:
            _asked(lambda: _library().delete_password(_SERVICE, name))


def _library() -> ModuleType:
    import keyring

    return keyring


def _asked(question: Callable[[], Found]) -> Found:
    """Run a keyring call with a time limit, in a daemon thread that does not delay the end of the program."""
    answer: Future[Found] = Future()

    def ask() -> None:
        try:
            answer.set_result(question())
        except BaseException as error:  # noqa: BLE001  (raised again in the waiting thread)
            answer.set_exception(error)

    threading.Thread(target=ask, name="keyring", daemon=True).start()
    try:
        return answer.result(ANSWER_LIMIT_S)
    except TimeoutError as late:
        why = phrase("The keyring did not answer within {limit:.0f} s.", limit=ANSWER_LIMIT_S)
        raise NoKeyring(why) from late
    except ImportError as missing:
        why = phrase("The keyring needs a library: pip install keyring.")
        raise NoKeyring(why) from missing
    except Exception as error:
        # Backends raise errors of their own, whose messages may contain the secret.
        if type(error).__name__ == "NoKeyringError":
            raise NoKeyring(phrase("There is no keyring on this machine.")) from error
        raise NoKeyring(phrase("The keyring cannot be used: {kind}.", kind=type(error).__name__)) from error
