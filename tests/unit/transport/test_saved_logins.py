"""Sign-ins: kept privately, found again, and shared by several processes without loss."""

import asyncio
import json
import stat
from pathlib import Path

import pytest
from msgspec.structs import replace

from presence_tui.domain.translatable import phrase
from presence_tui.transport.credentials import Credential, CredentialError, CredentialKind
from presence_tui.transport.keyrings import Keyring, NoKeyring
from presence_tui.transport.saved_logins import BadSavedLogin, SavedLogin, SavedLogins, is_sign_in_name
from tests.unit.transport.jwt import token

NOW_S = 1_800_000_000.0
SECRET = token(NOW_S + 3_600)
CREDENTIAL = Credential(CredentialKind.ACCOUNT, SECRET, "a-session-of-ours")
HARBOUR = SavedLogin("harbour", "https://gate.example", CredentialKind.ACCOUNT, "66aa01", "ada", NOW_S)


class Drawer(Keyring):
    """A keyring in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.is_there = True

    def get(self, name: str) -> str | None:
        if not self.is_there:
            raise NoKeyring(phrase("There is no keyring."))
        return self.kept.get(name)

    def put(self, name: str, secret: str) -> None:
        self.get(name)
        self.kept[name] = secret

    def drop(self, name: str) -> None:
        self.get(name)
        self.kept.pop(name, None)


@pytest.fixture
def drawer() -> Drawer:
    return Drawer()


@pytest.fixture
def sign_ins(tmp_path: Path, drawer: Drawer) -> SavedLogins:
    return SavedLogins(tmp_path / "gateways", drawer)


def found(sign_ins: SavedLogins, name: str = "harbour") -> SavedLogin:
    sign_in = sign_ins.find(name)
    assert sign_in is not None
    return sign_in


@pytest.mark.parametrize("in_keyring", [True, False])
def test_what_is_kept_is_found_again(sign_ins: SavedLogins, drawer: Drawer, in_keyring: bool) -> None:
    sign_ins.save(HARBOUR, CREDENTIAL, in_keyring=in_keyring)
    kept = found(sign_ins)
    assert replace(kept, secrets=None) == replace(HARBOUR, expires_s=NOW_S + 3_600, in_keyring=in_keyring)
    assert sign_ins.credential(kept) == CREDENTIAL
    path = sign_ins.path("harbour")
    assert (SECRET in path.read_text()) is not in_keyring
    assert ("harbour" in drawer.kept) is in_keyring
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert SECRET not in repr(kept)


def test_a_guest_is_kept_with_its_conversation(sign_ins: SavedLogins) -> None:
    guest = replace(HARBOUR, kind=CredentialKind.GUEST, conversation="66dd01", ca_file="/ca.pem")
    sign_ins.save(guest, Credential(CredentialKind.GUEST, "session"), in_keyring=False)
    kept = found(sign_ins)
    assert (kept.conversation, kept.expires_s, kept.trusted_file) == ("66dd01", None, Path("/ca.pem"))
    assert sign_ins.credential(kept) == Credential(CredentialKind.GUEST, "session")


def test_the_newest_comes_first_and_the_damaged_not_at_all(sign_ins: SavedLogins) -> None:
    for place, name in enumerate(("a", "c", "b")):
        sign_in = replace(HARBOUR, name=name, signed_in_s=NOW_S + place)
        sign_ins.save(sign_in, CREDENTIAL, in_keyring=False)
    sign_ins.path("c").write_text("{")
    (sign_ins.path("c").parent / "notes.txt").write_text("no sign-in")
    (sign_ins.path("c").parent / "-x.json").write_text("no name of one")
    assert sign_ins.names() == ["a", "b", "c"]
    assert [sign_in.name for sign_in in sign_ins.readable()] == ["b", "a"]


def test_nothing_is_kept_before_the_first(sign_ins: SavedLogins) -> None:
    assert (sign_ins.names(), sign_ins.readable(), sign_ins.find("harbour")) == ([], [], None)


@pytest.mark.parametrize(
    "name", ["", "-x", "../harbour", "a/b", "a b", "é", "x" * 64, "https://gate.example"]
)
def test_a_name_leads_to_no_other_folder(sign_ins: SavedLogins, name: str) -> None:
    assert not is_sign_in_name(name)
    assert sign_ins.find(name) is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"name":"harbour"}'])
@pytest.mark.parametrize("is_there", [True, False])
def test_a_damaged_one_is_said_to_be_so_and_can_be_removed(
    sign_ins: SavedLogins, drawer: Drawer, content: bytes, is_there: bool
) -> None:
    sign_ins.save(HARBOUR, CREDENTIAL, in_keyring=False)
    sign_ins.path("harbour").write_bytes(content)
    with pytest.raises(BadSavedLogin, match="presence-tui logout harbour"):
        sign_ins.find("harbour")
    drawer.is_there = is_there
    sign_ins.remove("harbour")
    assert sign_ins.names() == []


def test_one_that_others_can_read_is_refused(sign_ins: SavedLogins) -> None:
    sign_ins.save(HARBOUR, CREDENTIAL, in_keyring=False)
    sign_ins.path("harbour").chmod(0o640)
    with pytest.raises(BadSavedLogin, match="chmod 600"):
        sign_ins.find("harbour")


@pytest.mark.parametrize("secret", [None, "", "no JSON", '{"session":"s"}'])
def test_a_secret_that_is_gone_from_the_keyring_asks_for_a_new_sign_in(
    sign_ins: SavedLogins, drawer: Drawer, secret: str | None
) -> None:
    sign_ins.save(HARBOUR, CREDENTIAL, in_keyring=True)
    drawer.kept = {} if secret is None else {"harbour": secret}
    with pytest.raises(BadSavedLogin, match="Sign in again"):
        sign_ins.credential(found(sign_ins))


def test_without_a_keyring_nothing_is_written_in_its_stead(sign_ins: SavedLogins, drawer: Drawer) -> None:
    drawer.is_there = False
    with pytest.raises(NoKeyring):
        sign_ins.save(HARBOUR, CREDENTIAL, in_keyring=True)
    assert sign_ins.names() == []


def test_a_sign_in_that_moves_to_a_file_leaves_nothing_in_the_keyring(
    sign_ins: SavedLogins, drawer: Drawer
) -> None:
    sign_ins.save(HARBOUR, CREDENTIAL, in_keyring=True)
    sign_ins.save(HARBOUR, CREDENTIAL, in_keyring=False)
    assert drawer.kept == {}
    sign_ins.save(HARBOUR, CREDENTIAL, in_keyring=True)
    drawer.is_there = False
    sign_ins.save(HARBOUR, CREDENTIAL, in_keyring=False)
    assert not found(sign_ins).in_keyring


def test_a_removed_one_is_gone_from_everywhere(sign_ins: SavedLogins, drawer: Drawer) -> None:
    sign_ins.save(HARBOUR, CREDENTIAL, in_keyring=True)
    sign_ins.remove("harbour")
    assert (sign_ins.names(), drawer.kept) == ([], {})
    sign_ins.remove("harbour")


def test_a_keyring_that_is_gone_is_told_after_the_file_is_removed(
    sign_ins: SavedLogins, drawer: Drawer
) -> None:
    sign_ins.save(HARBOUR, CREDENTIAL, in_keyring=True)
    drawer.is_there = False
    with pytest.raises(NoKeyring):
        sign_ins.remove("harbour")
    assert sign_ins.names() == []


def test_what_cannot_be_written_or_removed_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    blocked = SavedLogins(tmp_path / "file", Drawer())
    with pytest.raises(CredentialError, match="cannot be written") as trouble:
        blocked.save(HARBOUR, CREDENTIAL, in_keyring=False)
    assert SECRET not in str(trouble.value)
    with pytest.raises(CredentialError, match="cannot be"):
        blocked.remove("harbour")


# --- in use ---


async def test_a_refreshed_token_is_kept_with_what_else_is_known(sign_ins: SavedLogins) -> None:
    sign_ins.save(HARBOUR, CREDENTIAL, in_keyring=False)
    place = sign_ins.place("harbour")
    renewed = Credential(CredentialKind.ACCOUNT, token(NOW_S + 7_200), "another-session")
    place.write(renewed)
    assert place.read() == renewed
    kept = found(sign_ins)
    assert (kept.handle, kept.expires_s) == ("ada", NOW_S + 7_200)


async def test_who_logged_out_meanwhile_stays_logged_out(sign_ins: SavedLogins) -> None:
    sign_ins.save(HARBOUR, CREDENTIAL, in_keyring=False)
    place = sign_ins.place("harbour")
    sign_ins.remove("harbour")
    place.write(CREDENTIAL)
    assert place.read() is None
    assert sign_ins.names() == []


async def test_one_turn_ends_before_the_next_begins(sign_ins: SavedLogins) -> None:
    sign_ins.save(HARBOUR, CREDENTIAL, in_keyring=False)
    first_is_in, first_may_go = asyncio.Event(), asyncio.Event()
    order: list[str] = []

    async def first() -> None:
        async with sign_ins.place("harbour").turn():
            first_is_in.set()
            await first_may_go.wait()
            order.append("first")

    async def second() -> None:
        await first_is_in.wait()
        waiting = asyncio.create_task(_take_turn(sign_ins, order))
        await asyncio.sleep(0)
        first_may_go.set()
        await waiting

    await asyncio.gather(first(), second())
    assert order == ["first", "second"]


async def _take_turn(sign_ins: SavedLogins, order: list[str]) -> None:
    async with sign_ins.place("harbour").turn():
        order.append("second")


async def test_one_that_hangs_is_passed_by(sign_ins: SavedLogins, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_ins.save(HARBOUR, CREDENTIAL, in_keyring=False)
    monkeypatch.setattr("presence_tui.transport.saved_logins.TURN_LIMIT_S", 0.0)
    async with sign_ins.turn("harbour"), sign_ins.turn("harbour"):
        pass


async def test_where_nothing_can_be_locked_nobody_waits(tmp_path: Path) -> None:
    async with SavedLogins(tmp_path / "nothing", Drawer()).turn("harbour"):
        pass


def test_the_file_is_plain_json_for_whoever_wants_to_look(sign_ins: SavedLogins) -> None:
    sign_ins.save(HARBOUR, CREDENTIAL, in_keyring=True)
    content = json.loads(sign_ins.path("harbour").read_text())
    assert content["url"] == "https://gate.example"
    assert content["secrets"] is None
