"""Credentials: sources, claims, and masking."""

import os
from pathlib import Path

import pytest

from presence_tui.domain.translatable import phrase
from presence_tui.storage.user_files import BadTokenFile, TokenFile, read_token_file
from presence_tui.transport.credentials import (
    REFRESH_MARGIN_S,
    Credential,
    CredentialError,
    CredentialHolder,
    CredentialKind,
    CredentialStore,
)
from tests.unit.transport.jwt import token

SECRET = "a.very.secret-token"
NOW_S = 1_800_000_000.0


def account(secret: str = SECRET) -> Credential:
    return Credential(CredentialKind.ACCOUNT, secret)


def guest(secret: str = SECRET) -> Credential:
    return Credential(CredentialKind.GUEST, secret)


@pytest.mark.parametrize("credential", [account(), guest()])
def test_a_credential_is_never_shown(credential: Credential) -> None:
    for shown in (repr(credential), str(credential), f"{credential}", repr([credential])):
        assert SECRET not in shown
    assert SECRET not in repr(CredentialHolder(credential))


def test_an_account_shows_its_token_in_the_places_both_versions_look() -> None:
    assert account().handshake == {"token": SECRET, "authToken": SECRET, "tokenType": "jwt"}
    assert account().headers == {"Authorization": f"Bearer {SECRET}"}


def test_a_guest_never_shows_its_session_as_a_token() -> None:
    assert guest().handshake == {"sessionToken": SECRET, "sessionType": "anonymous"}
    assert guest().headers == {"X-Session-Token": SECRET}


@pytest.mark.parametrize(
    ("left_s", "nearly"),
    [(-1, True), (0, True), (REFRESH_MARGIN_S - 1, True), (REFRESH_MARGIN_S, False), (86_400, False)],
)
def test_a_token_is_nearly_expired_before_its_end(left_s: float, nearly: bool) -> None:
    credential = account(token(NOW_S + left_s))
    assert credential.expires_s == NOW_S + left_s
    assert credential.nearly_expired(NOW_S) is nearly


@pytest.mark.parametrize(
    "secret", ["", "opaque", "a.b.c", "a.%%%.c", token(), token(exp="soon"), token(exp=None), "é.é.é"]
)
def test_what_does_not_say_when_it_ends_is_taken_to_be_good(secret: str) -> None:
    assert account(secret).expires_s is None
    assert not account(secret).nearly_expired(NOW_S)


def test_a_guests_session_does_not_say_when_it_ends_even_if_it_looks_like_a_token() -> None:
    assert guest(token(NOW_S - 5)).expires_s is None


@pytest.mark.parametrize("kind", list(CredentialKind))
def test_a_renewed_token_keeps_its_kind(kind: CredentialKind) -> None:
    holder = CredentialHolder(Credential(kind, "old"))
    holder.renew("new")
    assert holder.current == Credential(kind, "new")


# --- reload and save ---


class FakeStore(CredentialStore):
    """Returns one credential after another, and records saved ones."""

    def __init__(self, *credentials: Credential, trouble: CredentialError | None = None) -> None:
        self.credentials = list(credentials)
        self.written: list[Credential] = []
        self._trouble = trouble

    def read(self) -> Credential | None:
        if self._trouble is not None:
            raise self._trouble
        return self.credentials.pop(0) if len(self.credentials) > 1 else self.credentials[0]

    def write(self, credential: Credential) -> None:
        if self._trouble is not None:
            raise self._trouble
        self.written.append(credential)


async def test_another_credential_where_the_first_came_from_is_used() -> None:
    holder = CredentialHolder(account("first"), FakeStore(account("first"), account("second")))
    assert [await holder.reload() for _ in range(3)] == [False, True, False]
    assert holder.current == account("second")


async def test_a_renewed_token_does_not_give_way_to_the_one_it_renewed() -> None:
    holder = CredentialHolder(account("first"), FakeStore(account("first")))
    holder.renew("renewed")
    assert not await holder.reload()
    assert holder.current == account("renewed")


async def test_where_there_is_nothing_to_look_at_nothing_changes() -> None:
    holder = CredentialHolder(account())
    assert not await holder.reload()
    await holder.save()
    assert holder.current == account()


async def test_a_renewed_token_is_kept_and_not_taken_for_news() -> None:
    store = FakeStore(account("first"))
    holder = CredentialHolder(account("first"), store)
    holder.renew("renewed", "session")
    await holder.save()
    store.credentials = list(store.written)
    assert store.written == [Credential(CredentialKind.ACCOUNT, "renewed", "session")]
    assert not await holder.reload()


def test_a_renewed_token_keeps_its_session_unless_another_is_given() -> None:
    holder = CredentialHolder(Credential(CredentialKind.ACCOUNT, "old", "session"))
    holder.renew("new")
    assert holder.current.session == "session"
    holder.renew("newer", "another")
    assert holder.current.session == "another"


async def test_credentials_that_cannot_be_saved_are_reported_and_stay_in_use() -> None:
    trouble = CredentialError(phrase("The disk is full."))
    holder = CredentialHolder(account("first"), FakeStore(trouble=trouble))
    told: list[str] = []
    holder.on_error = lambda sentence: told.append(str(sentence))
    holder.renew("renewed")
    await holder.save()
    assert told == ["The disk is full."]
    assert holder.current == account("renewed")


# --- token files ---


def written(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_file_of_its_owner_alone_is_read(tmp_path: Path, mode: int) -> None:
    path = written(tmp_path / "token", f"  {SECRET}\n".encode(), mode)
    assert read_token_file(path) == SECRET
    assert TokenFile(path).read() == account()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o666, 0o777])
def test_a_file_others_may_touch_is_refused_with_the_way_to_mend_it(tmp_path: Path, mode: int) -> None:
    path = written(tmp_path / "token", SECRET.encode(), mode)
    with pytest.raises(BadTokenFile, match=f"chmod 600 {path}") as refusal:
        read_token_file(path)
    assert SECRET not in str(refusal.value)
    assert str(refusal.value.sentence) == str(refusal.value)


def test_a_link_is_judged_by_what_it_leads_to(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(written(tmp_path / "token", SECRET.encode(), 0o644))
    with pytest.raises(BadTokenFile, match="can be read by others"):
        read_token_file(link)


@pytest.mark.parametrize("content", [b"", b"\n", b" \t\r\n"])
def test_an_empty_file_is_reported(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(BadTokenFile, match="is empty"):
        read_token_file(written(tmp_path / "token", content))


def test_a_file_that_is_not_text_is_reported(tmp_path: Path) -> None:
    with pytest.raises(BadTokenFile, match="it is not text"):
        read_token_file(written(tmp_path / "token", b"\xff\xfe\x00"))


def test_what_is_not_there_or_no_file_is_said_with_the_systems_reason(tmp_path: Path) -> None:
    with pytest.raises(BadTokenFile, match="No such file"):
        read_token_file(tmp_path / "nothing")
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o700)
    with pytest.raises(BadTokenFile, match="Is a directory"):
        read_token_file(folder)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_we_may_not_read_is_said_with_the_systems_reason(tmp_path: Path) -> None:
    with pytest.raises(BadTokenFile, match="Permission denied"):
        read_token_file(written(tmp_path / "token", SECRET.encode(), 0o200))
