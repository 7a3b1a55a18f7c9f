"""People who flap on the screen, each for a likely cause of their own."""

from presence_tui.wire.messages import Status
from tests.tui.app_harness import AppHarness, key_of

RHYTHMS = {
    "Ada Okafor": (57.0, 3.0),
    "Bo Chen": (45.1, 1.5),
    "Rosa Lind": (700.0, 60.0),
}
"""Name, and seconds of their stays and absences: background tab, ping time-out, no known rhythm."""
CROWD = ["Ingrid Solberg", "João Pereira", "Kwame Mensah", "Léa Fontaine", "Mikko Virtanen", "Ngozi Eze"]


def flap(harness: AppHarness, name: str, stay_s: float, away_s: float, times: int = 6) -> None:
    """Come, and then leave and return several times, at the same pace."""
    tell(harness, name, True)
    for _ in range(times):
        harness.clock.advance(stay_s)
        tell(harness, name, False)
        harness.clock.advance(away_s)
        tell(harness, name, True)


def deploy(harness: AppHarness) -> None:
    """Many leave at once and return."""
    for name in CROWD:
        tell(harness, name, True)
    harness.clock.advance(700)
    for flag in (False, True):
        for name in CROWD:
            tell(harness, name, flag)
        harness.clock.advance(4)


def own_reconnect(harness: AppHarness) -> None:
    """Our link begins again, and many come with it."""
    for name in CROWD:
        tell(harness, name, False)
    harness.clock.advance(60)
    harness.store.epochs.begin(harness.clock.wall_s)
    for name in CROWD:
        tell(harness, name, True)


def tell(harness: AppHarness, name: str, flag: bool) -> None:
    harness.store.apply_status(Status(key_of(name), flag, name))


async def show_flaps(harness: AppHarness) -> None:
    """The list with three rhythms and both waves."""
    for name, (stay_s, away_s) in RHYTHMS.items():
        flap(harness, name, stay_s, away_s)
    deploy(harness)
    own_reconnect(harness)
    await harness.settle()
    await harness.press("F")
