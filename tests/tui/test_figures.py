"""One number for one thing: all counts in a painted frame are of the same moment."""

import re
from collections.abc import Callable
from random import Random
from typing import NamedTuple

import pytest
from rich.cells import get_character_cell_size
from textual._compositor import CompositorUpdate
from textual.app import App
from textual.screen import Screen

from presence_tui.monitor.roster_refresh import RefreshReport
from presence_tui.service.frames import FrameScheduler
from presence_tui.store import PresenceStore
from tests.tui.app_harness import (
    HARBOUR,
    LIGHTHOUSE,
    OFFLINE_NAMES,
    ONLINE_NAMES,
    AppHarness,
    key_of,
    member,
    running_app,
    until,
)
from tests.tui.test_disputed_width import Emulator
from tests.tui.test_wallboard import hung_up
from tests.unit.clock import FakeClock

pytestmark = pytest.mark.internals

BURSTS = 80
SIZE = (150, 30)
IN_TITLE = r"· (\d+) participants"
"""The activity has past counts, without the dot before them."""
NAMES = [*ONLINE_NAMES, *OFFLINE_NAMES]


class Figures(NamedTuple):
    """The counts of one conversation, wherever a frame shows them."""

    online: list[int]
    total: list[int]


def found(pattern: str, text: str) -> list[int]:
    return [int(number) for number in re.findall(pattern, text)]


def sums(text: str) -> list[int]:
    """Totals of pairs of panels, from their titles."""
    return [
        sum(pair)
        for pair in zip(found(r"Online \((\d+)", text), found(r"Offline \((\d+)", text), strict=True)
    ]


def of_participants(text: str) -> Figures:
    online = found(r"Online \((\d+)", text) + found(r"▸ Harbour crew +(\d+)/", text)
    return Figures(online, sums(text) + found(r"▸ Harbour crew +\d+/(\d+)", text) + found(IN_TITLE, text))


def of_contacts(text: str) -> Figures:
    return Figures([], sums(text) + found(IN_TITLE, text))


def of_conversations(text: str) -> Figures:
    online = found(r"▸ □ Harbour crew .* (\d+) / ", text) + found(r"Harbour crew: (\d+) online", text)
    return Figures(
        online,
        found(r"▸ □ Harbour crew .* / (\d+)", text) + found(r"Harbour crew: .* unknown of (\d+)", text),
    )


def of_column(text: str) -> Figures:
    online = found(r"Online \((\d+)", text) + found(r"· (\d+) online / ", text)
    return Figures(online, sums(text) + found(r"\d+ online / (\d+)", text))


def of_wallboard(text: str) -> Figures:
    """Also the shown names, with those for which there is no room."""
    rows = text.partition("Offline (")[0].splitlines()[3:-1]
    online = "\n".join(row for row in rows if "○" not in row)
    shown = len(re.findall("[●◐◌]", online)) + sum(found(r"\+(\d+) more", online))
    said = found(r"(\d+) online ·", text)
    totals = [said[0] + offline for offline in found(r"Offline \((\d+)", text)]
    return Figures([*said, shown], totals + found(IN_TITLE, text))


class Frames:
    """The text of the terminal after each painted frame."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]) -> None:
        self.texts: list[str] = []
        emulator, display = Emulator(get_character_cell_size, size), App._display

        def shown(app: App[None], screen: Screen[None], update: object) -> None:
            if isinstance(update, CompositorUpdate) and not app._batch_count:
                emulator.feed(update.render_segments(app.console))
                self.texts.append(emulator.text)
            display(app, screen, update)  # type: ignore[arg-type]

        monkeypatch.setattr(App, "_display", shown)


def burst(harness: AppHarness, random: Random, number: int) -> None:
    """People come, go and join at once, and now and then a page of a roster is read."""
    harness.store.update_user_status(key_of(NAMES[0]), number % 2 == 0)
    for _ in range(random.randrange(1, 6)):
        harness.store.update_user_status(key_of(random.choice(NAMES[1:])), random.random() < 0.5)
    if number % 3 == 0:
        newcomer = member(f"Newcomer {number}")
        harness.store.set_participants([newcomer], HARBOUR.id)
        harness.store.update_user_status(newcomer.key, random.random() < 0.5)
    if number % 5 == 0:
        harness.store.set_participants([member(f"Keeper {number}")], LIGHTHOUSE.id)
        harness.monitor.resync(RefreshReport(participants=24))


async def storm(harness: AppHarness, frames: Frames, *keys: str) -> None:
    """Bursts of events, each followed by a frame, and keys in between."""
    random = Random(7)
    for number in range(BURSTS):
        before = len(frames.texts)
        burst(harness, random, number)
        if keys and number % 4 == 0:
            await harness.pilot.press(keys[number // 4 % len(keys)])
        await until(harness, lambda before=before: len(frames.texts) > before)  # type: ignore[misc]


def assert_agreement(frames: Frames, figures_of: Callable[[str], Figures], least: int) -> None:
    """In each frame all counts of one thing are equal; in the last one there are so many at least."""
    for text in frames.texts:
        for counts in figures_of(text):
            assert len(set(counts)) <= 1, f"{counts} in one frame:\n{text}"
    assert len({figures_of(text).total[0] for text in frames.texts}) > 3, "nothing has happened"
    assert sum(map(len, figures_of(frames.texts[-1]))) >= least


@pytest.mark.parametrize(
    ("opening", "keys", "figures_of", "least"),
    [
        ((), ("j", "tab", "s"), of_participants, 5),
        (("3",), ("j", "s"), of_contacts, 2),
        (("2", "home"), ("j", "k"), of_conversations, 4),
        (("2", "home", "b", "4"), ("j",), of_column, 4),
    ],
    ids=["participants", "contacts", "conversations", "column"],
)
async def test_all_counts_of_a_frame_agree(
    monkeypatch: pytest.MonkeyPatch,
    opening: tuple[str, ...],
    keys: tuple[str, ...],
    figures_of: Callable[[str], Figures],
    least: int,
) -> None:
    frames = Frames(monkeypatch, SIZE)
    store = PresenceStore(clock=FakeClock(), schedule=FrameScheduler())
    async with running_app(SIZE, store=store) as harness:
        harness.store.set_participants([member("Ada Okafor")], LIGHTHOUSE.id)
        await harness.press(*opening)
        await harness.settle()
        frames.texts.clear()
        await storm(harness, frames, *keys)
    assert_agreement(frames, figures_of, least)


async def test_all_counts_of_the_wallboard_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    size = (100, 14)
    frames = Frames(monkeypatch, size)
    async with hung_up(size=size) as harness:
        await harness.settle()
        frames.texts.clear()
        await storm(harness, frames)
    assert_agreement(frames, of_wallboard, 4)
