"""Keeps the history of a watch: opens it for a target, and tells it what the watch tells."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from presence_tui.cli.configuration import Settings, history_path
from presence_tui.cli.targets import Target
from presence_tui.domain.phrases import Phrase
from presence_tui.history.history import History
from presence_tui.history.recorder import LinkNote
from presence_tui.history.retention import Limits
from presence_tui.monitor.link import LinkState, LinkStatus
from presence_tui.store.clock import Clock

if TYPE_CHECKING:
    # Only to say what it is: its imports take time, and what is remembered is shown before.
    from presence_tui.monitor.watch import Watch


def open_history(path: Path, target: Target, settings: Settings, clock: Clock) -> History:
    """The history of the target's gateway and account, in this file. Inside of a running event loop."""
    limits = Limits(settings.history_days, settings.history_bytes)
    return History(path, target.address.url, target.credential.owner_hint, clock, limits)


def keep(history: History, watch: "Watch") -> None:
    """From here on everything the watch tells is kept; what was remembered, it begins with."""
    if (remembered := history.remembered) is not None:
        watch.begin_with(remembered.conversations, remembered.account_key, remembered.as_of_s)

    def on_link(status: LinkStatus) -> None:
        history.note_account(watch.key)
        history.note_link(_note_of(status, watch.store.clock))

    def on_conversations(_: object) -> None:
        history.note_account(watch.key)
        history.note_conversations(watch.conversations)

    history.follow(watch.store, lambda: watch.heard_s)
    on_link(watch.connection_status())
    watch.link_changed.subscribe(on_link)
    watch.conversations_changed.subscribe(on_conversations)


@asynccontextmanager
async def kept(
    watch: "Watch", target: Target, settings: Settings, tell: Callable[[Phrase], None]
) -> AsyncIterator[None]:
    """Keeps the history of a watch without a screen, for the block. What hinders that is told; nothing fails.

    Nothing is kept of a demo, nor where the settings say so. The watch begins with nothing: what it tells is
    to be what it was told.
    """
    if not settings.history or settings.gateway is None:
        yield
        return
    history = open_history(history_path(), target, settings, watch.store.clock)
    history.tell_troubles(tell)
    keep(history, watch)
    try:
        yield
    finally:
        await history.close()


def _note_of(status: LinkStatus, clock: Clock) -> LinkNote:
    watched = status.state is LinkState.LIVE and status.fresh_until_s is None
    return LinkNote(
        at_s=clock.stamp().wall_s,
        state=status.state,
        reason=str(status.reason),
        epoch=status.epoch,
        watched_since_s=status.since_s if watched else None,
        fresh_until_s=status.fresh_until_s,
    )
