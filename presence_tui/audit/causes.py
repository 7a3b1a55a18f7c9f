"""Sentences on the likely cause of a finding, as phrases that a front end translates."""

from collections.abc import Sequence
from typing import Final

from presence_tui.audit.deaf_feed import Deafness
from presence_tui.audit.findings import FindingKind
from presence_tui.domain.translatable import Phrase, phrase

NAMED: Final = 5
"""Names listed in a sentence about many."""


def cause_of(kind: FindingKind, guest: bool, is_swept: bool = False) -> Phrase:
    """The likely cause of a finding about one participant; ``is_swept`` if the answers were flags that the
    gateway clears by itself.
    """
    match kind:
        case FindingKind.HIDDEN_OR_OFFLINE if is_swept:
            return phrase(
                "They left without an event, or are here and were marked as offline after five minutes "
                "without activity: this gateway answers the same for both."
            )
        case FindingKind.GHOST_OFFLINE if is_swept:
            return phrase(
                "The event of the arrival was lost, or they signed in without opening a socket, or their "
                "connection was cut and is not noticed yet."
            )
        case FindingKind.GHOST_ONLINE if guest:
            return phrase("The guest's session ended without an event: gateways announce no such end.")
        case FindingKind.GHOST_ONLINE:
            return phrase(
                "The event of the departure was lost or never sent, or an account that came only by REST was "
                "announced."
            )
        case FindingKind.GHOST_OFFLINE:
            return phrase(
                "The event of the arrival was lost, or the end of an older socket was announced after a "
                "newer one came."
            )
        case FindingKind.STALE_ACTIVITY:
            return phrase(
                "The socket lives, but no sign of life is passed on, so apps take them for away or offline."
            )
        case FindingKind.UNKNOWN_MEMBER:
            return phrase(
                "Events tell of somebody whom no roster lists: they were removed, or joined without an event."
            )
        case FindingKind.MISSING_MEMBER:
            return phrase("The roster lists them, but nothing tells of them: a left-over membership.")
        case FindingKind.INCOHERENT:
            return phrase("Flag and last activity of the answer contradict each other: one is not updated.")
        case FindingKind.CONTRADICTING_ANSWERS:
            return phrase(
                "The runtime says online and offline in turn without an event: several gateways answer, each "
                "for itself."
            )
        case FindingKind.NOT_CONFIRMED:
            return phrase("The runtime leaves them out; left out is neither offline nor online.")
        case FindingKind.HIDDEN_OR_OFFLINE:
            return phrase(
                "They hide their presence by now, or left without an event: the gateway answers the same for "
                "both."
            )
        case FindingKind.DEAF_FEED | FindingKind.DEPARTURES_UNANNOUNCED:
            raise ValueError(f"{kind} is about many")


def deaf_feed(found: Deafness, now_s: float) -> Phrase:
    if found.since_s is not None:
        return phrase(
            "{corrections} corrections of the last {minutes} min, in which events told of {heard} only: the "
            "socket is up, but most events do not reach it any more.",
            corrections=found.corrections,
            minutes=round((now_s - found.since_s) / 60),
            heard=found.heard,
        )
    return phrase(
        "{corrections} corrections, though events told of {heard} only: the socket is up, but most events do "
        "not reach it.",
        corrections=found.corrections,
        heard=found.heard,
    )


def departures_unannounced(names: Sequence[str]) -> Phrase:
    more = len(names) - NAMED
    shown = ", ".join(names[:NAMED])
    if more > 0:
        return phrase(
            "{count} left and no event said so, though the gateway did not restart: {names} and {more} more.",
            count=len(names),
            names=shown,
            more=more,
        )
    return phrase(
        "{count} left and no event said so, though the gateway did not restart: {names}.",
        count=len(names),
        names=shown,
    )
