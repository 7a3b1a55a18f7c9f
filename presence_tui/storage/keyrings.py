"""The keyring of the desktop, where there is one (the library ``keyring``, an extra).

It is imported when it is used and no sooner: most watches need none, and what it imports takes time.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import ModuleType
from typing import Final, TypeVar

from presence_tui.domain.translatable import phrase
from presence_tui.transport.credentials import CredentialError

ANSWER_LIMIT_S: Final = 30.0
"""How long a keyring may take; one that is locked asks its owner first."""

_SERVICE: Final = "presence-tui"

Found = TypeVar("Found")


class NoKeyring(CredentialError):
    """There is no keyring, or it does not answer."""


class Keyring:
    """Secrets by name. Every method raises ``NoKeyring``."""

    def get(self, name: str) -> str | None:
        """The secret, if one is kept under this name."""
        secret: str | None = _asked(lambda: _library().get_password(_SERVICE, name))
        return secret

    def set(self, name: str, secret: str) -> None:
        """Keep a secret, and make sure that it is kept: one that forgets everything is no keyring."""
        _asked(lambda: _library().set_password(_SERVICE, name, secret))
        if self.get(name) != secret:
            raise NoKeyring(phrase("The keyring does not keep anything."))

    def delete(self, name: str) -> None:
        """Forget a secret. That none is kept is no error."""
        if self.get(name) is not None:
            _asked(lambda: _library().delete_password(_SERVICE, name))


def _library() -> ModuleType:
    import keyring

    return keyring


def _asked(question: Callable[[], Found]) -> Found:
    """The answer, if it comes in time. In a thread that is not waited for when the program ends."""
    answer: Future[Found] = Future()

    def ask() -> None:
        try:
            answer.set_result(question())
        except BaseException as trouble:  # noqa: BLE001  (raised where the answer is waited for)
            answer.set_exception(trouble)

    threading.Thread(target=ask, name="keyring", daemon=True).start()
    try:
        return answer.result(ANSWER_LIMIT_S)
    except TimeoutError as late:
        why = phrase("The keyring did not answer within {limit:.0f} s.", limit=ANSWER_LIMIT_S)
        raise NoKeyring(why) from late
    except ImportError as missing:
        why = phrase("The keyring needs a library: pip install 'presence-tui[keyring]'.")
        raise NoKeyring(why) from missing
    except Exception as trouble:
        # Every backend has errors of its own, and what they say may repeat what was asked.
        if type(trouble).__name__ == "NoKeyringError":
            raise NoKeyring(phrase("There is no keyring on this machine.")) from trouble
        raise NoKeyring(
            phrase("The keyring cannot be used: {kind}.", kind=type(trouble).__name__)
        ) from trouble
