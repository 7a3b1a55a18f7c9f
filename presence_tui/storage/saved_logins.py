"""Sign-ins: gateways by name, who we are there, and the tokens, kept on this machine.

One file each, readable by its owner alone. The secrets are in the keyring where there is one, else in the
file. Nothing here is the person's own configuration, which is never written.
"""

import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec
from filelock import AsyncFileLock, Timeout
from msgspec.structs import replace

from presence_tui.domain.redaction import MaskedRepr
from presence_tui.domain.translatable import phrase
from presence_tui.storage.keyrings import Keyring, NoKeyring
from presence_tui.storage.private_files import NotPrivate, read_private, write_private
from presence_tui.transport.credentials import Credential, CredentialError, CredentialKind, CredentialStore
from presence_tui.wire.sanitize import MESSAGE_CELLS, safe_text

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_SUFFIX: Final = ".json"
_LOCK_PAUSE_S: Final = 0.1

LOCK_LIMIT_S: Final = 30.0
"""How long one process waits for another: longer than any answer of a gateway may take."""


class BadSavedLogin(CredentialError):
    """What is kept of a sign-in cannot be used."""


class _Secrets(MaskedRepr, msgspec.Struct):
    token: str
    session: str = ""


class SavedLogin(msgspec.Struct, frozen=True):
    """A gateway by name, and who we are there. Times are Unix seconds."""

    name: str
    url: str
    kind: CredentialKind
    key: str
    handle: str
    signed_in_s: float
    expires_s: float | None = None
    """When its token ends, by its own word."""
    conversation: str | None = None
    """The one conversation of a guest."""
    ca_file: str | None = None
    in_keyring: bool = False
    secrets: _Secrets | None = None
    """``None`` where they are in the keyring."""

    @property
    def trusted_file(self) -> Path | None:
        """The certificate authority that was named at the sign-in."""
        return None if self.ca_file is None else Path(self.ca_file)


def is_login_name(text: str) -> bool:
    """True for a name that a sign-in can have: letters, digits, ``.``, ``_`` and ``-``."""
    return _NAME.fullmatch(text) is not None


class SavedLogins:
    """All sign-ins of a folder. Methods raise ``CredentialError``, and block for as long as a disk does."""

    def __init__(self, folder: Path, keyring: Keyring | None = None) -> None:
        self._folder = folder
        self._keyring = keyring or Keyring()

    def path(self, name: str) -> Path:
        return self._folder / f"{name}{_SUFFIX}"

    def names(self) -> list[str]:
        """The names of all, in the order of the alphabet; none where the folder cannot be read."""
        with suppress(OSError):
            found = (path.stem for path in self._folder.iterdir() if path.suffix == _SUFFIX)
            return sorted(name for name in found if is_login_name(name))
        return []

    def find(self, name: str) -> SavedLogin | None:
        """The sign-in with this name, if there is one."""
        if not is_login_name(name):
            return None
        shown = safe_text(str(self.path(name)), MESSAGE_CELLS)
        try:
            found = msgspec.json.decode(read_private(self.path(name)), type=SavedLogin)
            return replace(found, name=name)
        except FileNotFoundError:
            return None
        except NotPrivate as problem:
            why = phrase("The sign-in can be read by others. Protect it with: chmod 600 {path}", path=shown)
            raise BadSavedLogin(why) from problem
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
            reason = getattr(problem, "strerror", None) or phrase("it is damaged")
            why = phrase(
                "The sign-in {path} cannot be read: {reason}. Remove it: presence-tui logout {name}",
                path=shown,
                name=name,
                reason=reason,
            )
            raise BadSavedLogin(why) from problem

    def readable(self) -> list[SavedLogin]:
        """All that can be read, the newest first."""
        found: list[SavedLogin] = []
        for name in self.names():
            with suppress(BadSavedLogin):
                saved_login = self.find(name)
                found += [] if saved_login is None else [saved_login]
        return sorted(found, key=lambda saved_login: -saved_login.signed_in_s)

    def credential(self, saved_login: SavedLogin) -> Credential:
        """What proves who we are."""
        secrets = saved_login.secrets
        if saved_login.in_keyring:
            secrets = _read_secrets(self._keyring.get(saved_login.name))
        if secrets is None:
            why = phrase("The token of {name} is not there any more. Sign in again.", name=saved_login.name)
            raise BadSavedLogin(why)
        return Credential(saved_login.kind, secrets.token, secrets.session)

    def save(self, saved_login: SavedLogin, credential: Credential, *, in_keyring: bool) -> None:
        """Keep a sign-in, its secrets in the keyring or in the file. Raises ``NoKeyring`` without one."""
        secrets = _Secrets(credential.secret, credential.session)
        if in_keyring:
            self._keyring.set(saved_login.name, msgspec.json.encode(secrets).decode())
        else:
            self._forget_older_secrets(saved_login.name)
        kept = replace(
            saved_login,
            expires_s=credential.expires_s,
            in_keyring=in_keyring,
            secrets=None if in_keyring else secrets,
        )
        path = self.path(saved_login.name)
        try:
            write_private(path, msgspec.json.encode(kept))
        except OSError as problem:
            shown = safe_text(str(path), MESSAGE_CELLS)
            why = phrase("{path} cannot be written: {reason}.", path=shown, reason=problem.strerror or "")
            raise CredentialError(why) from problem

    def remove(self, name: str) -> None:
        """Forget a sign-in and its secrets, also one that cannot be read."""
        try:
            saved_login = self.find(name)
        except BadSavedLogin:
            with suppress(NoKeyring):
                self._keyring.delete(name)
            saved_login = None
        self._unlink(self.path(name))
        self._unlink(self._lock_path(name))
        if saved_login is not None and saved_login.in_keyring:
            self._keyring.delete(name)

    def credential_store(self, name: str) -> CredentialStore:
        """Where the credential of a sign-in is looked for again, and kept when it was refreshed."""
        return _SavedLoginStore(self, name)

    @asynccontextmanager
    async def lock(self, name: str) -> AsyncIterator[None]:
        """One process at a time. The lock of one that died is gone with it; one that hangs is passed by."""
        if not self._folder.is_dir():
            # Nothing is saved there, and the lock would make a folder that others can read.
            yield
            return
        lock = AsyncFileLock(
            self._lock_path(name), timeout=LOCK_LIMIT_S, poll_interval=_LOCK_PAUSE_S, mode=0o600
        )
        try:
            await lock.acquire()
        except (Timeout, OSError, NotImplementedError):
            # One that hangs is passed by, and not every disk knows locks.
            yield
            return
        try:
            yield
        finally:
            await lock.release()

    def _forget_older_secrets(self, name: str) -> None:
        """What a keyring holds of an earlier sign-in of this name is of no use any more."""
        with suppress(CredentialError):
            before = self.find(name)
            if before is not None and before.in_keyring:
                self._keyring.delete(name)

    def _lock_path(self, name: str) -> Path:
        return self._folder / f"{name}.lock"

    def _unlink(self, path: Path) -> None:
        try:
            path.unlink(missing_ok=True)
        except OSError as problem:
            shown = safe_text(str(path), MESSAGE_CELLS)
            why = phrase("{path} cannot be removed: {reason}.", path=shown, reason=problem.strerror or "")
            raise CredentialError(why) from problem


class _SavedLoginStore(CredentialStore):
    """One sign-in as a watch uses it, by name: it may be signed in anew meanwhile, or out."""

    def __init__(self, saved_logins: SavedLogins, name: str) -> None:
        self._saved_logins = saved_logins
        self._name = name
        self.advice = phrase("Sign in again (presence-tui login {name}), then refresh here.", name=name)

    def read(self) -> Credential | None:
        saved_login = self._saved_logins.find(self._name)
        return None if saved_login is None else self._saved_logins.credential(saved_login)

    def write(self, credential: Credential) -> None:
        saved_login = self._saved_logins.find(self._name)
        # Whoever logged out meanwhile does not want it back.
        if saved_login is not None:
            self._saved_logins.save(saved_login, credential, in_keyring=saved_login.in_keyring)

    def lock(self) -> AbstractAsyncContextManager[object]:
        return self._saved_logins.lock(self._name)


def _read_secrets(text: str | None) -> _Secrets | None:
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=_Secrets)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None
