"""The simulator: equal seeds give equal events, at the requested rate."""

from random import Random

import pytest

from presence_tui.gateway.directory import Behaviour, Conversation, Person
from presence_tui.gateway.generator import generate_population
from presence_tui.gateway.simulator import RETURN_S, Simulator

NOW_S = 1_800_000_000.0


class RecordingActions:
    """Records actions, and connects and disconnects devices."""

    def __init__(self) -> None:
        self.story: list[tuple[str, str]] = []
        self.statuses = 0

    def connect_device(self, person: Person) -> bool:
        person.devices += 1
        return self._write("came", person)

    def disconnect_device(self, person: Person) -> bool:
        person.devices -= 1
        return self._write("left", person) and person.devices == 0

    def heartbeat(self, person: Person) -> bool:
        return self._write("beat", person)

    def typing(self, person: Person, conversation: Conversation, is_typing: bool) -> None:
        self.story.append((f"typing {is_typing} in {conversation.identifier}", person.handle))

    def join_account(self) -> Person | None:
        self.story.append(("newcomer", ""))
        return None

    def leave_account(self, person: Person) -> bool:
        self.story.append(("departs", person.handle))
        return False

    def change_role(self, person: Person) -> None:
        self.story.append(("role", person.handle))

    def _write(self, act: str, person: Person) -> bool:
        self.story.append((act, person.handle))
        self.statuses += not (act == "left" and person.devices)
        return True


def lives_of(
    participants: int = 24, rate: float = 2.0, seed: int = 7
) -> tuple[Simulator, RecordingActions, list[Person]]:
    rng = Random(seed)
    directory, _, observer = generate_population(participants, seed, rng, NOW_S)
    people = [person for person in directory.people.values() if person is not observer]
    notebook = RecordingActions()
    return Simulator(people, notebook, rng, rate), notebook, people


def live_through(lives: Simulator, seconds: float, step_s: float) -> None:
    for step in range(round(seconds / step_s)):
        lives.advance(NOW_S + step * step_s)


@pytest.mark.parametrize("step_s", [0.01, 3.0])
def test_equal_seeds_tell_equal_stories_however_the_clock_ticks(step_s: float) -> None:
    one, other = lives_of(), lives_of()
    live_through(one[0], 600, 1.0)
    live_through(other[0], 600, step_s)
    shorter = min(len(one[1].story), len(other[1].story))
    assert shorter > 1000
    assert one[1].story[:shorter] == other[1].story[:shorter]


def test_another_seed_tells_another_story() -> None:
    one, other = lives_of(seed=7), lives_of(seed=8)
    live_through(one[0], 60, 1)
    live_through(other[0], 60, 1)
    assert one[1].story != other[1].story


@pytest.mark.parametrize("rate", [0.5, 20.0])
def test_the_rate_is_that_of_events_others_hear(rate: float) -> None:
    lives, notebook, _ = lives_of(200, rate)
    seconds = 4000 / rate
    live_through(lives, seconds, 1 / rate)
    assert notebook.statuses / seconds == pytest.approx(rate, rel=0.1)


def test_about_a_third_stays_online_for_ever() -> None:
    lives, _, people = lives_of(300, 100.0)
    live_through(lives, 300, 0.5)
    assert 0.2 < sum(person.devices > 0 for person in people) / 300 < 0.5


def test_everything_happens_sometime() -> None:
    lives, notebook, people = lives_of(24, 50.0)
    live_through(lives, 200, 0.5)
    acts = {act.split()[0] for act, _ in notebook.story}
    assert acts == {"came", "left", "beat", "typing", "newcomer", "departs", "role"}
    assert any(person.behaviour is Behaviour.MULTI_DEVICE for person in people)


def test_a_still_town_is_still() -> None:
    lives, notebook, _ = lives_of(rate=0)
    assert lives.advance(NOW_S) is None
    assert lives.advance(NOW_S + 1000) is None
    assert notebook.story == []


def test_a_suspended_machine_does_not_catch_up() -> None:
    lives, notebook, _ = lives_of(rate=10)
    lives.advance(NOW_S)
    lives.advance(NOW_S + 100_000)
    assert len(notebook.story) < 50


def test_after_a_restart_everybody_comes_back_in_time() -> None:
    lives, notebook, people = lives_of(rate=0.000_001)
    were_online = {person.handle for person in people if person.devices}
    lives.restart(NOW_S)
    assert not any(person.devices for person in people)
    lives.advance(NOW_S + RETURN_S[0] - 0.1)
    assert notebook.story == []
    lives.advance(NOW_S + RETURN_S[1])
    assert {who for act, who in notebook.story if act == "came"} == were_online
