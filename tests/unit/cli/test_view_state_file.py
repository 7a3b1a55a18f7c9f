"""The view state file: private, atomic, and never fatal."""

import os
import stat
from pathlib import Path

import msgspec
import pytest

from presence_tui.domain.enums import State
from presence_tui.domain.translatable import Phrase
from presence_tui.storage import state_files
from presence_tui.storage.private_files import write_private
from presence_tui.storage.view_state import Arrangement, ViewState
from presence_tui.storage.view_state_file import MOST_ARRANGEMENTS, MOST_PINS, ViewStateFile
from presence_tui.store import Facets

GATEWAY = "https://gate.example"
WHOLE = Arrangement("last active", "!bob", Facets(frozenset({State.AWAY}), frozenset({"admin"}), False))


def kept_file_in(folder: Path, *, gateway: str = GATEWAY, owner: str = "owner-of-the-token") -> ViewStateFile:
    return ViewStateFile(folder / "arrangements", gateway, owner)


def only_file(folder: Path, suffix: str = "json") -> Path:
    (path,) = (folder / "arrangements").glob(f"*.{suffix}")
    return path


async def reopened(folder: Path, **who: str) -> ViewState:
    return await kept_file_in(folder, **who).open()


async def test_what_is_kept_is_there_the_next_time_and_for_its_owner_alone(tmp_path: Path) -> None:
    kept = await reopened(tmp_path)
    assert (kept.pins, kept.arrangement("harbour")) == (frozenset(), None)

    kept.set_pin("ada", True)
    kept.set_pin("bo", True)
    kept.set_pin("bo", False)
    kept.set_arrangement("harbour", WHOLE)
    await kept.close()

    again = await reopened(tmp_path)
    assert (again.pins, again.arrangement("harbour")) == (frozenset({"ada"}), WHOLE)
    path = only_file(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("who", [{"gateway": "https://other.example"}, {"owner": "somebody else"}])
async def test_each_gateway_and_account_has_its_own(tmp_path: Path, who: dict[str, str]) -> None:
    kept = await reopened(tmp_path)
    kept.set_pin("ada", True)
    await kept.close()

    assert (await reopened(tmp_path, **who)).pins == frozenset()


async def test_nothing_of_a_token_is_in_it_and_nothing_is_written_for_nothing(tmp_path: Path) -> None:
    kept = await reopened(tmp_path)
    await kept.close()
    assert list(tmp_path.iterdir()) == []

    kept = await reopened(tmp_path)
    kept.set_pin("ada", True)
    await kept.close()
    path = only_file(tmp_path)
    assert b"owner-of-the-token" not in path.read_bytes() and "owner" not in path.name


async def test_what_is_usual_again_is_forgotten(tmp_path: Path) -> None:
    kept = await reopened(tmp_path)
    kept.set_arrangement("harbour", WHOLE)
    kept.set_arrangement("lighthouse", Arrangement())
    await kept.close()
    kept = await reopened(tmp_path)
    kept.set_arrangement("harbour", Arrangement())
    assert kept.arrangement("harbour") is None
    await kept.close()

    assert (await reopened(tmp_path)).arrangement("harbour") is None


async def test_two_programs_add_to_one_file(tmp_path: Path) -> None:
    first, second = await reopened(tmp_path), await reopened(tmp_path)
    first.set_pin("ada", True)
    first.set_arrangement("harbour", WHOLE)
    second.set_pin("bo", True)
    second.set_arrangement("lighthouse", Arrangement(query="bo"))
    await first.close()
    await second.close()

    kept = await reopened(tmp_path)
    assert kept.pins == {"ada", "bo"}
    assert (kept.arrangement("harbour"), kept.arrangement("lighthouse")) == (WHOLE, Arrangement(query="bo"))


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe", b'{"pins": 3}', b'["x"]', b" " * 2**21])
async def test_a_damaged_file_is_set_aside_with_a_sentence(tmp_path: Path, damage: bytes) -> None:
    kept = await reopened(tmp_path)
    kept.set_pin("ada", True)
    await kept.close()
    path = only_file(tmp_path)
    path.write_bytes(damage)

    kept = await reopened(tmp_path)
    told: list[Phrase] = []
    kept.report_to(told.append)
    kept.report_to(told.append)
    assert kept.pins == frozenset()
    assert [str(trouble) for trouble in told] == [
        f"{path} is damaged; it was set aside as {path.with_suffix('.damaged').name}."
    ]
    assert path.with_suffix(".damaged").read_bytes() == damage

    kept.set_pin("bo", True)
    await kept.close()
    assert (await reopened(tmp_path)).pins == {"bo"}


async def test_what_is_not_known_in_it_is_left_out_and_text_is_made_safe(tmp_path: Path) -> None:
    kept = await reopened(tmp_path)
    kept.set_arrangement("harbour", WHOLE)
    await kept.close()
    path = only_file(tmp_path)
    content = msgspec.json.decode(path.read_bytes())
    content["pins"] = ["ada", "\x1b[2J", ""]
    content["arrangements"] = {
        "harbour": {"sort": "by moon", "query": "a\x1bb", "states": ["gone", "idle"], "roles": ["\x07x"]},
        "\x1b]0;": {},
    }
    path.write_bytes(msgspec.json.encode(content))

    kept = await reopened(tmp_path)
    assert kept.pins == {"ada"}
    facets = Facets(frozenset({State.IDLE}), frozenset({"␇x"}))
    assert kept.arrangement("harbour") == Arrangement("name", "a␛b", facets)
    assert kept.arrangement("\x1b]0;") is None


async def test_no_more_than_so_many_are_kept_and_the_newest_stay(tmp_path: Path) -> None:
    kept = await reopened(tmp_path)
    for number in range(MOST_PINS + 5):
        kept.set_pin(f"u{number}", True)
    for number in range(MOST_ARRANGEMENTS + 5):
        kept.set_arrangement(f"c{number}", WHOLE)
    await kept.close()

    kept = await reopened(tmp_path)
    assert len(kept.pins) == MOST_PINS and "u4" not in kept.pins and "u5" in kept.pins
    assert kept.arrangement("c4") is None and kept.arrangement("c5") == WHOLE


async def test_a_disk_that_refuses_is_told_and_tried_again_with_the_next_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = await reopened(tmp_path)
    told: list[Phrase] = []
    kept.report_to(told.append)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(state_files, "write_private", fail)
    kept.set_pin("ada", True)
    kept.set_pin("bo", True)
    await kept.close()
    assert ["cannot be written: No space left" in str(trouble) for trouble in told] == [True]

    monkeypatch.setattr(state_files, "write_private", write_private)
    kept.set_pin("bo", False)
    await kept.close()
    assert (await reopened(tmp_path)).pins == {"ada"}


async def test_a_file_that_cannot_be_read_is_told_and_left_alone(tmp_path: Path) -> None:
    kept = await reopened(tmp_path)
    kept.set_pin("ada", True)
    await kept.close()
    path = only_file(tmp_path)
    path.unlink()
    path.mkdir()

    kept = await reopened(tmp_path)
    told: list[Phrase] = []
    kept.report_to(told.append)
    assert str(told[0]) == f"{path} cannot be read: Is a directory."

    kept.set_pin("bo", True)
    await kept.close()
    assert str(told[1]) == f"{path} cannot be written: Is a directory."
    assert path.is_dir()


async def test_a_pipe_in_place_of_the_file_is_told_and_holds_nobody_up(tmp_path: Path) -> None:
    kept = await reopened(tmp_path)
    kept.set_pin("ada", True)
    await kept.close()
    path = only_file(tmp_path)
    path.unlink()
    os.mkfifo(path)
    assert "cannot be read: it is not a regular file" in str((await reopened(tmp_path)).problem)
