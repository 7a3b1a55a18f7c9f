"""Faults for practice: what can be asked for, and that everybody concerned stays as they are."""

from random import Random

import pytest

from presence_tui.gateway.faults import (
    SHARES,
    STRANGER_KEY,
    BadFault,
    FaultName,
    Faults,
    apply_faults,
    read_faults,
)
from presence_tui.gateway.generator import MAIN_IDENTIFIER, generate_population

NOW_S = 1_800_000_000.0


def test_faults_are_numbers_of_people_or_shares() -> None:
    assert read_faults(["ghost-online=2", "forget=0.1", "stranger=3"], 24) == {
        FaultName.GHOST_ONLINE: 2,
        FaultName.FORGET: 0.1,
        FaultName.STRANGER: 3,
    }
    assert read_faults([], 24) == {}


@pytest.mark.parametrize(
    "word", ["ghosts=2", "ghost-online", "ghost-online=", "ghost-online=1.5", "ghost-online=-1", "forget=2"]
)
def test_an_impossible_fault_is_refused_with_the_list(word: str) -> None:
    with pytest.raises(BadFault) as refused:
        read_faults([word], 24)
    assert all(name in str(refused.value) for name in (repr(word), *FaultName))


def test_half_of_the_people_at_most_are_concerned() -> None:
    assert read_faults(["ghost-online=12"], 24)
    with pytest.raises(BadFault, match="12 of 24, not 13"):
        read_faults(["ghost-online=12", "split=1"], 24)


@pytest.mark.parametrize("participants", [2, 3, 9, 24, 100])
@pytest.mark.parametrize("fault", [fault for fault in FaultName if fault not in SHARES])
def test_as_many_people_are_concerned_as_were_asked_for(fault: FaultName, participants: int) -> None:
    directory, _, observer = generate_population(participants, 7, Random(7), NOW_S)
    main = directory.conversation(MAIN_IDENTIFIER)
    assert main is not None
    people = [each.person for each in main.members.values() if each.person is not observer]
    wanted = read_faults([f"{fault}={participants // 2}"], participants)
    faults = Faults()
    concerned = apply_faults(wanted, people, faults, Random(7), NOW_S)
    if fault is FaultName.STRANGER:
        assert faults.strangers == [STRANGER_KEY % number for number in range(participants // 2)]
        assert not concerned
    else:
        assert len(concerned) == participants // 2


def test_events_are_forgotten_as_often_as_asked_for() -> None:
    faults = Faults(forgets_departures=0.5, rng=Random(1))
    assert not any(faults.drops_status(True) for _ in range(1_000))
    assert 450 < sum(faults.drops_status(False) for _ in range(1_000)) < 550
    faults.forgets = 1.0
    assert faults.drops_status(True) and faults.drops_status(False)


def test_answers_in_turn_begin_with_online() -> None:
    faults = Faults(split={"ada"})
    said = [faults.runtime_row("ada", True, None)[0] for _ in range(4)]
    assert said == [True, False, True, False]
    assert faults.runtime_row("bo", True, "then") == (True, "then")
