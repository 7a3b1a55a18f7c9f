"""Configurable limits on input, and counters of how often they were reached."""

from dataclasses import dataclass

from presence_tui.domain.translatable import Phrase, phrase


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits. ``presence-tui help network`` documents the defaults."""

    frame_bytes: int = 64 * 2**20
    """Bytes of one WebSocket frame, polling answer or REST answer: fits a snapshot of 400,000
    participants.
    """
    roster: int = 1_000_000
    """Participants of one conversation; also of the store, before events and snapshots may add another."""
    name_cells: int = 80
    """Terminal cells of a sanitized name or handle."""
    queue: int = 10_000
    """Changes waiting for a flush, and packets waiting to be sent."""
    packets: int = 50_000
    """Packets that are kept for inspection; the oldest are dropped."""
    packet_bytes: int = 16 * 2**20
    """Memory of the kept packets."""


@dataclass(slots=True)
class LimitCounters:
    """How often limits were reached. Only grows."""

    left_out: int = 0
    """Rows and events about participants for whom there was no room."""
    cut_names: int = 0
    widest_name: int = 0
    """Cells of the widest name that was cut, as far as it was read."""
    full_queues: int = 0
    """Number of early flushes because the queue of changes was full."""

    @property
    def total(self) -> int:
        return self.left_out + self.cut_names + self.full_queues


def limit_texts(limit_counters: LimitCounters, bounds: Bounds) -> dict[str, tuple[int, Phrase]]:
    """Setting name to count and sentence, for each limit that was reached."""
    found = {
        "max_roster": (limit_counters.left_out, _left_out(limit_counters, bounds)),
        "max_name_cells": (limit_counters.cut_names, _cut(limit_counters, bounds)),
        "max_queue": (limit_counters.full_queues, _waited(limit_counters, bounds)),
    }
    return {setting: counted for setting, counted in found.items() if counted[0]}


def _left_out(limit_counters: LimitCounters, bounds: Bounds) -> Phrase:
    return phrase(
        "More than {bound:,} participants (max_roster): rows and events left out so far, {n:,}.",
        bound=bounds.roster,
        n=limit_counters.left_out,
    )


def _cut(limit_counters: LimitCounters, bounds: Bounds) -> Phrase:
    return phrase(
        "Names wider than {bound} cells (max_name_cells) are cut: {n:,} so far, the widest has {widest}.",
        bound=bounds.name_cells,
        n=limit_counters.cut_names,
        widest=limit_counters.widest_name,
    )


def _waited(limit_counters: LimitCounters, bounds: Bounds) -> Phrase:
    return phrase(
        "{bound:,} changes waited to be shown (max_queue), {n:,} times so far; none is lost.",
        bound=bounds.queue,
        n=limit_counters.full_queues,
    )
