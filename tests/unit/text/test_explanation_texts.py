"""Explanations in words, in both languages."""

import pytest

from presence_tui.domain.enums import Source
from presence_tui.domain.evidence import Evidence, OverruledReason
from presence_tui.service.provenance import (
    IdentityExplanation,
    OverruledReport,
    SignOfLife,
    explain,
    explain_identity,
    explain_roster,
)
from presence_tui.store import Origin
from presence_tui.text.explanation_texts import ProvenanceTexts
from presence_tui.text.language import LANGUAGES, Language
from presence_tui.text.wording import Wording
from tests.unit.store.store_harness import HARBOUR, StoreHarness


def texts(harness: StoreHarness, code: str = "en") -> ProvenanceTexts:
    return ProvenanceTexts(Wording(Language(code), harness.store))


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_reason_has_its_own_words(code: str) -> None:
    harness = StoreHarness()
    said = {texts(harness, code).reason(reason) for reason in OverruledReason}
    assert len(said) == len(OverruledReason)


def test_an_overruled_report_says_when_who_what_and_why() -> None:
    harness = StoreHarness()
    evidence = Evidence(Source.EVENT, False, None, harness.now_s, 0.0, 1)
    report = OverruledReport(OverruledReason.LATE, evidence, 17)
    assert texts(harness).overruled(report)[1] == "event offline: sent before the newest event · packet 17"
    assert texts(harness, "fr").overruled(report)[1] == (
        "événement hors ligne\N{NO-BREAK SPACE}: envoyé avant l’événement le plus récent · paquet 17"
    )


def test_what_told_a_sign_of_life_may_be_gone() -> None:
    harness = StoreHarness()
    gone = SignOfLife(harness.now_s - 5, True, None, None, None, None, None)
    assert (
        texts(harness).sign_of_life(gone, 0.0)
        == "5 s ago · what told it is no longer kept, or was sent again after a gap"
    )
    assert texts(harness).sign_of_life(None, 0.0) == "—"
    told = SignOfLife(harness.now_s + 35, True, Source.RUNTIME, True, harness.now_s, 1, None)
    assert texts(harness).sign_of_life(told, 40.0) == "5 s ago · told by: runtime (REST)"


def test_who_was_never_told_about_stays_so() -> None:
    harness = StoreHarness()
    harness.roster("ada")
    explanation = explain(harness.record("ada"), harness.store)
    assert texts(harness).told_by(explanation) == "nobody has told yet"
    assert texts(harness).next_change(explanation) == "no change by time; only new evidence changes it"


def test_a_state_stands_still_while_the_link_is_lost() -> None:
    harness = StoreHarness()
    harness.event("ada")
    harness.wait(5)
    harness.store.states.hold()
    harness.wait(100)
    explanation = explain(harness.record("ada"), harness.store)
    assert texts(harness).next_change(explanation) == (
        "stands still until evidence arrives: the link was lost, or our membership ended"
    )


def test_names_are_from_a_roster_an_event_or_nothing() -> None:
    harness = StoreHarness()
    harness.event("ada", name="Ada")
    harness.event("ben")
    harness.wait(5)
    named = explain_identity(harness.record("ada"), harness.store, HARBOUR)
    assert texts(harness).origins(named, str) == [("Name from", "event · 5 s ago")]
    nameless = explain_identity(harness.record("ben"), harness.store, HARBOUR)
    assert texts(harness).origins(nameless, str) == []
    cached = Origin(Source.CACHE, harness.now_s - 60, HARBOUR)
    reading = Origin(Source.ROSTER, None, HARBOUR)
    explanation = IdentityExplanation(cached, cached, None, reading)
    assert texts(harness).origins(explanation, str.title) == [
        ("Name from", "cache: Harbour · 1 min ago"),
        ("Handle from", "cache: Harbour · 1 min ago"),
        ("Role from", "roster (REST): Harbour"),
    ]


def test_a_roster_that_lists_some_members_is_read_in_part() -> None:
    harness = StoreHarness()
    asked = harness.clock.stamp()
    harness.roster("ada", "ben", asked=asked)
    harness.store.members.set_roster_read(HARBOUR, asked, is_whole=False)
    harness.wait(3)
    roster = explain_roster(HARBOUR, harness.store)
    assert texts(harness).roster(roster) == "read 3 s ago, in part"
    assert texts(harness).counts(roster) == "0 online, 0 offline, 2 unknown"
    assert texts(harness, "fr").counts(roster) == "0 en ligne, 0 hors ligne, 2 inconnus"
    empty = explain_roster(HARBOUR, StoreHarness().store)
    assert texts(harness, "fr").counts(empty) == "0 en ligne, 0 hors ligne, 0 inconnu"
