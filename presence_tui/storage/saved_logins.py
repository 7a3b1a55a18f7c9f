"""Saved logins: gateways by name, the account or guest used there, and its tokens.

One file each, readable only by its owner. Secrets are in the keyring if there is one, otherwise in the file.
The user's own configuration is never written.
"""

import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from presence_tui.domain.redaction import MaskedRepr
from presence_tui.domain.system_reasons import reason_of
from presence_tui.domain.translatable import phrase
from presence_tui.storage.keyrings import Keyring, NoKeyring
from presence_tui.storage.private_files import NotPrivate, read_private, write_private
from presence_tui.transport.credentials import Credential, CredentialError, CredentialKind, CredentialStore
from presence_tui.wire.sanitize import MESSAGE_CELLS, safe_text

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_SUFFIX: Final = ".json"
_LOCK_PAUSE_S: Final = 0.1

LOCK_LIMIT_S: Final = 30.0
"""How long a process waits for the lock of another: longer than the time limit of a request."""


class BadSavedLogin(CredentialError):
    """A saved login cannot be used."""


class _Secrets(MaskedRepr, msgspec.Struct):
    token: str
    session: str = ""


class SavedLogin(msgspec.Struct, frozen=True):
    """A gateway by name, and the account or guest used there. Times are Unix seconds."""

    name: str
    url: str
    kind: CredentialKind
    key: str
    handle: str
    signed_in_s: float
    expires_s: float | None = None
    """Expiry of the token according to itself."""
    conversation: str | None = None
    """The only conversation of a guest."""
    ca_file: str | None = None
    in_keyring: bool = False
    secrets: _Secrets | None = None
    """``None`` if they are in the keyring."""

    @property
    def trusted_file(self) -> Path | None:
        """The CA file given at login."""
        return None if self.ca_file is None else Path(self.ca_file)


def is_login_name(text: str) -> bool:
    """True for a valid name of a login: letters, digits, ``.``, ``_`` and ``-``."""
    return _NAME.fullmatch(text) is not None


def as_login_name(text: str) -> str:
    """The text with other characters replaced, which is usually a valid name of a login."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.") or "gateway"


class SavedLogins:
    """All saved logins of a folder. Methods raise ``CredentialError`` and block on the disk."""

    def __init__(self, folder: Path, keyring: Keyring | None = None) -> None:
        self._folder = folder
        self._keyring = keyring or Keyring()

    def path(self, name: str) -> Path:
        return self._folder / f"{name}{_SUFFIX}"

    def names(self) -> list[str]:
        """All names in alphabetical order; empty if the folder cannot be read."""
        with suppress(OSError):
            found = (path.stem for path in self._folder.iterdir() if path.suffix == _SUFFIX)
            return sorted(name for name in found if is_login_name(name))
        return []

    def find(self, name: str) -> SavedLogin | None:
        """Return the login with this name, or ``None``."""
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
            reason = reason_of(problem) if isinstance(problem, OSError) else phrase("it is damaged")
            why = phrase(
                "The sign-in {path} cannot be read: {reason}. Remove it: presence-tui logout {name}",
                path=shown,
                name=name,
                reason=reason,
            )
            raise BadSavedLogin(why) from problem

    def readable(self) -> list[SavedLogin]:
        """All readable logins, the newest first."""
        found: list[SavedLogin] = []
        for name in self.names():
            with suppress(BadSavedLogin):
                saved_login = self.find(name)
                found += [] if saved_login is None else [saved_login]
        return sorted(found, key=lambda saved_login: -saved_login.signed_in_s)

    def credential(self, saved_login: SavedLogin) -> Credential:
        """Read the credential of a login, from the keyring or the file."""
        secrets = saved_login.secrets
        if saved_login.in_keyring:
            secrets = _read_secrets(self._keyring.get(saved_login.name))
        if secrets is None:
            why = phrase("The token of {name} is not there any more. Sign in again.", name=saved_login.name)
            raise BadSavedLogin(why)
        return Credential(saved_login.kind, secrets.token, secrets.session)

    def save(self, saved_login: SavedLogin, credential: Credential, *, in_keyring: bool) -> None:
        """Store a login, with its secrets in the keyring or in the file. Raises ``NoKeyring`` without a
        keyring.
        """
        secrets = _Secrets(credential.secret, credential.session)
        if in_keyring:
            self._keyring.set(saved_login.name, msgspec.json.encode(secrets).decode())
        else:
            self._forget_older_secrets(saved_login.name)
        stored = replace(
            saved_login,
            expires_s=credential.expires_s,
            in_keyring=in_keyring,
            secrets=None if in_keyring else secrets,
        )
        path = self.path(saved_login.name)
        try:
            write_private(path, msgspec.json.encode(stored))
        except OSError as problem:
            shown = safe_text(str(path), MESSAGE_CELLS)
            why = phrase("{path} cannot be written: {reason}.", path=shown, reason=reason_of(problem))
            raise CredentialError(why) from problem

    def save_in_keyring_or_file(self, saved_login: SavedLogin, credential: Credential) -> NoKeyring | None:
        """Store a login, with its secrets in the keyring or, without one, in the file.

        Returns why the keyring does not hold them; ``None`` if it does.
        """
        try:
            self.save(saved_login, credential, in_keyring=True)
        except NoKeyring as problem:
            self.save(saved_login, credential, in_keyring=False)
            return problem
        return None

    def remove(self, name: str) -> None:
        """Delete a login and its secrets, even if it cannot be read."""
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
        """The store that reads the credential of a login again and saves a refreshed one."""
        return _SavedLoginStore(self, name)

    @asynccontextmanager
    async def lock(self, name: str) -> AsyncIterator[None]:
        """Lock a login against other processes.

        The operating system releases the lock of a process that died; after ``LOCK_LIMIT_S`` the block runs
        without the lock.
        """
        if not self._folder.is_dir():
            # Nothing is saved there, and the lock would create a folder that others can read.
            yield
            return
        # Large, and not needed to read a login.
        from filelock import AsyncFileLock, Timeout

        lock = AsyncFileLock(
            self._lock_path(name), timeout=LOCK_LIMIT_S, poll_interval=_LOCK_PAUSE_S, mode=0o600
        )
        try:
            await lock.acquire()
        except (Timeout, OSError, NotImplementedError):
            # The owner of the lock hangs, or the file system has no locks.
            yield
            return
        try:
            yield
        finally:
            await lock.release()

    def _forget_older_secrets(self, name: str) -> None:
        """Delete secrets that an earlier login of this name left in the keyring."""
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
            why = phrase("{path} cannot be removed: {reason}.", path=shown, reason=reason_of(problem))
            raise CredentialError(why) from problem


class _SavedLoginStore(CredentialStore):
    """One login by name, for a running monitor: meanwhile it may be replaced or removed."""

    def __init__(self, saved_logins: SavedLogins, name: str) -> None:
        self._saved_logins = saved_logins
        self._name = name
        self.advice = phrase("Sign in again (presence-tui login {name}), then refresh here.", name=name)

    def read(self) -> Credential | None:
        saved_login = self._saved_logins.find(self._name)
        return None if saved_login is None else self._saved_logins.credential(saved_login)

    def write(self, credential: Credential) -> None:
        saved_login = self._saved_logins.find(self._name)
        # After a logout in the meantime, the login must not come back.
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
