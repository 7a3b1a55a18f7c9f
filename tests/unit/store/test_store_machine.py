"""The store and several open indexes, compared with a naive model under random actions."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from presence_tui.domain.enums import Outcome, Panel, Source, State
from presence_tui.domain.participants import Participant
from presence_tui.domain.rules import RULES
from presence_tui.store import ChangeSet, Facets, PresenceStore, RosterIndex, Sort, Stamp
from presence_tui.store.evidence import DUPLICATE_WINDOW_S
from presence_tui.store.index_order import Search
from presence_tui.store.rosters import NEWCOMERS
from presence_tui.wire.messages import PresenceRow, RosterRow, Status
from tests.unit.clock import FakeClock
from tests.unit.domain.hypothesis_profile import repeatable
from tests.unit.store.naive_model import NaiveStore, Reported
from tests.unit.store.store_harness import HARBOUR, LIGHTHOUSE, panels

pytestmark = pytest.mark.slow

KEYS = [f"k{number:02}" for number in range(18)]
FOUNDERS = KEYS[:12]
NAMES = ["", "Ada", "ADA", "Zoé", "émile", "Bob", "bobby", "Ω"]
HANDLES = ["", "ada.o", "zoe", "Bob"]
ROLES = ["", "creator", "admin", "moderator", "member", "visitor"]
MORE_THAN_THE_WINDOW_S = DUPLICATE_WINDOW_S + 1
MAX_VIEWS = 8

keys = st.sampled_from(KEYS)
flags = st.booleans()
conversations = st.sampled_from([HARBOUR, LIGHTHOUSE])
scopes = st.sampled_from([None, HARBOUR, LIGHTHOUSE, "nowhere"])
sorts = st.sampled_from(list(Sort))
queries = st.sampled_from(["", "a", "ADA", "e", "é", "bob", "k0", "nobody", "!", "!A", "!é", "!nobody"])
asked_facets = st.sampled_from(
    [
        Facets(),
        Facets(states=frozenset({State.ONLINE})),
        Facets(states=frozenset({State.AWAY, State.IDLE, State.UNKNOWN})),
        Facets(roles=frozenset({"member"})),
        Facets(roles=frozenset({"admin", "visitor"}), guests=False),
        Facets(guests=True),
    ]
)
# Quarters of a second keep every sum exact.
ages_s = st.none() | st.sampled_from(
    [-30.0, 0.0, 0.25, 59.75, 60.0, 60.25, 120.0, 180.25, 299.75, 300.0, 301.0, 2_000.0]
)
lags_s = st.none() | st.sampled_from([-0.5, 0.0, 0.25, 1.0, 2.5, 30.0, 400.0])
spans_s = st.sampled_from([0.25, 1.0, 29.75, 60.0, 60.25, 119.0, 180.0, 300.0, 301.0, 1_800.0])
asked_ago_s = st.sampled_from([0.0, 0.25, 1.5, 3.0, 100.0])
answered_rows = st.lists(st.tuples(keys, flags, ages_s, st.sampled_from(HANDLES)), max_size=5)


class StoreMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock()
        self.frames: list[Callable[[], object]] = []
        self.store = PresenceStore(clock=self.clock, schedule=self.frames.append)
        self.heard: dict[str, list[Reported]] = defaultdict(list)
        self.views: list[RosterIndex] = []
        self.searches: dict[RosterIndex, tuple[Search, str, Facets]] = {}
        """Running searches, and the filters shown until their end."""
        self.store.subscribe(self.hear)

    def hear(self, changed: ChangeSet) -> None:
        """A listener that reads every index while change sets are delivered."""
        if changed.cleared:
            self.heard.clear()
        for one in changed.changes:
            seen = (one.flag_before, one.before), (one.flag, one.after)
            self.heard[one.key].append((one.cause, *seen, one.first_told))
        assert changed.touched >= {one.key for one in changed.changes}
        self.every_view_is_as_if_sorted_anew()

    def asked(self, ago_s: float) -> Stamp:
        return Stamp(self.clock.wall_s - ago_s, self.clock.monotonic_s - ago_s)

    def pass_time(self, seconds: float) -> None:
        self.model.wait(self.clock.advance(seconds))
        self.store.states.advance()

    @initialize(skew_s=st.sampled_from([0.0, -3.5, 40.0]), first=st.sampled_from(list(RULES)))
    def found(self, skew_s: float, first: str) -> None:
        self.store.states.set_skew(skew_s)
        self.store.states.set_rule(RULES[first])
        self.model = NaiveStore(RULES[first], skew_s)
        self.model.now = self.clock.stamp()
        self.views = [
            self.store.roster_index(),
            self.store.roster_index(HARBOUR),
            self.store.roster_index(HARBOUR, sort=Sort.STATE),
            self.store.roster_index(HARBOUR, sort=Sort.LAST_ACTIVE, query="a"),
            self.store.roster_index(LIGHTHOUSE, sort=Sort.ROLE),
            self.store.roster_index(HARBOUR, sort=Sort.FLAPPING),
        ]
        self.store.set_participants([Participant(key) for key in FOUNDERS], HARBOUR)
        for key in FOUNDERS:
            self.model.enrol(key, HARBOUR, "", "")

    @rule(
        told=st.lists(
            st.tuples(keys, flags, st.sampled_from(NAMES), ages_s, lags_s),
            min_size=1,
            max_size=6,
            unique_by=lambda one: one[0],
        ),
        copies=st.integers(0, 2),
    )
    def events_arrive(self, told: list[Any], copies: int) -> None:
        self.pass_time(MORE_THAN_THE_WINDOW_S)
        gateway_now_s = self.clock.wall_s + self.store.states.skew_s
        for key, flag, name, age_s, lag_s in told:
            last_active_s = None if age_s is None else gateway_now_s - age_s
            emitted_s = None if lag_s is None else gateway_now_s - lag_s
            status = Status(key, flag, name, last_active_s, emitted_s)
            expected = self.model.event(key, flag, name, last_active_s, emitted_s)
            assert self.store.apply_status(status) is expected

            newest = self.model.people[key].last_active_s
            if expected is Outcome.APPLIED and last_active_s in (None, newest):
                assert all(self.store.apply_status(status) is Outcome.DUPLICATE for _ in range(copies))

    @rule(
        rows=st.lists(
            st.tuples(keys, st.sampled_from(NAMES), st.sampled_from(ROLES), st.none() | flags, ages_s, flags),
            max_size=6,
        ),
        conversation=conversations,
        ago_s=asked_ago_s,
    )
    def roster_is_read(self, rows: list[Any], conversation: str, ago_s: float) -> None:
        asked = self.asked(ago_s)
        gateway_now_s = self.clock.wall_s + self.store.states.skew_s
        told = []
        for key, name, role, flag, age_s, guest in rows:
            last_active_s = None if age_s is None or flag is None else gateway_now_s - age_s
            told.append(RosterRow(Participant(key, name, role=role, guest=guest), flag, last_active_s))
            if self.model.has_left_since(key, conversation, asked):
                continue
            role = self.model.role_in(role, key, conversation, asked)
            self.model.enrol(key, conversation, name, role, guest)
            if flag is not None:
                self.model.answer(key, flag, last_active_s, "", Source.ROSTER, asked)
        self.store.set_participants(told, conversation, asked=asked)

    @rule(rows=answered_rows, ago_s=asked_ago_s)
    def runtime_is_read(self, rows: list[Any], ago_s: float) -> None:
        self.answers_come(rows, Source.RUNTIME, self.asked(ago_s))

    @rule(rows=answered_rows)
    def snapshot_arrives(self, rows: list[Any]) -> None:
        self.answers_come(rows, Source.SNAPSHOT, self.clock.stamp())

    def answers_come(self, rows: list[Any], source: Source, asked: Stamp) -> None:
        gateway_now_s = self.clock.wall_s + self.store.states.skew_s
        told = [
            PresenceRow(key, flag, None if age_s is None else gateway_now_s - age_s, handle)
            for key, flag, age_s, handle in rows
        ]
        for one in told:
            self.model.answer(one.key, one.flag, one.last_active_s, one.handle, source, asked)
        self.store.apply_answers(told, source, asked)

    @rule()
    def connection_is_authenticated(self) -> None:
        # Longer than the window of copies; instant reconnects have their own tests.
        self.pass_time(MORE_THAN_THE_WINDOW_S)
        self.model.epoch += 1
        assert self.store.epochs.begin() == self.model.epoch

    @rule(key=keys)
    def somebody_types(self, key: str) -> None:
        self.model.typing(key)
        self.store.apply_typing(key)

    @rule(key=keys)
    def somebody_stops_typing(self, key: str) -> None:
        if key in self.model.people:
            self.model.people[key].typing = False
        self.store.stop_typing(key)

    @rule(key=keys, name=st.sampled_from(NAMES), handle=st.sampled_from(HANDLES))
    def somebody_is_named(self, key: str, name: str, handle: str) -> None:
        person = self.model.people.get(key)
        if person:
            self.model.name_account(person, name)
            person.handle = handle or person.handle
        self.store.members.apply_names({key: (handle, name)})

    @rule(key=keys, conversation=conversations, role=st.sampled_from(ROLES))
    def rank_changes(self, key: str, conversation: str, role: str) -> None:
        self.model.rank(key, conversation, role)
        self.store.members.set_role(key, conversation, role)

    @rule(key=keys, conversation=conversations)
    def somebody_leaves(self, key: str, conversation: str) -> None:
        was_member = self.model.leave(key, conversation)
        assert self.store.members.remove(key, conversation) is was_member

    @rule(key=keys)
    def newcomer_is_dismissed(self, key: str) -> None:
        person = self.model.people.get(key)
        was_newcomer = person is not None and person.newcomer
        if person:
            person.newcomer = False
        assert self.store.members.remove(key, NEWCOMERS) is was_newcomer

    @rule(seconds=spans_s)
    def time_passes(self, seconds: float) -> None:
        self.pass_time(seconds)

    @rule(name=st.sampled_from(list(RULES)))
    def rule_is_changed(self, name: str) -> None:
        self.model.rule = RULES[name]
        self.store.states.set_rule(RULES[name])

    @rule()
    def frame_is_painted(self) -> None:
        flushes, self.frames[:] = self.frames[:], []
        for flush in flushes:
            flush()
        assert dict(self.heard) == dict(self.model.reported)

    @rule(chance=st.integers(0, 9))
    def everybody_is_forgotten(self, chance: int) -> None:
        if chance == 0:
            self.model.people.clear()
            self.model.reported.clear()
            self.store.clear()
            self.searches.clear()

    @rule(pinned=st.lists(keys, max_size=3), wanted=flags)
    def people_are_pinned(self, pinned: list[str], wanted: bool) -> None:
        self.model.pins = self.model.pins | {*pinned} if wanted else self.model.pins - {*pinned}
        self.store.indexes.pin(pinned, wanted)

    @precondition(lambda self: len(self.views) < MAX_VIEWS)
    @rule(scope=scopes, sort=sorts, query=queries, facets=asked_facets)
    def view_is_opened(self, scope: str | None, sort: Sort, query: str, facets: Facets) -> None:
        self.views.append(self.store.roster_index(scope, sort=sort, query=query, facets=facets))

    @precondition(lambda self: len(self.views) > 2)
    @rule(number=st.integers(0, MAX_VIEWS))
    def view_is_closed(self, number: int) -> None:
        self.views.pop(number % len(self.views)).close()

    @rule(
        number=st.integers(0, MAX_VIEWS),
        sort=st.none() | sorts,
        query=st.none() | queries,
        facets=st.none() | asked_facets,
    )
    def view_is_shown_otherwise(
        self, number: int, sort: Sort | None, query: str | None, facets: Facets | None
    ) -> None:
        view = self.views[number % len(self.views)]
        view.show(sort=sort, query=query, facets=facets)
        self.searches.pop(view, None)

    @rule(number=st.integers(0, MAX_VIEWS), query=queries, facets=asked_facets)
    def search_begins(self, number: int, query: str, facets: Facets) -> None:
        view = self.views[number % len(self.views)]
        _, before, facets_before = self.searches.get(view, (None, view.query, view.facets))
        self.searches[view] = (view.search(query=query, facets=facets), before, facets_before)

    @rule(places=st.integers(1, 5))
    def searches_go_on(self, places: int) -> None:
        for view, (search, _, _) in list(self.searches.items()):
            if search.advance(places):
                del self.searches[view]

    @invariant()
    def everybody_is_known_as_the_model_knows_them(self) -> None:
        assert set(self.store.participants) == set(self.model.people)
        for key, person in self.model.people.items():
            record = self.store.participants[key]
            assert (record.flag, record.state) == self.model.seen(person), key
            assert (record.name, record.handle) == (person.name, person.handle)
            assert record.account_name == person.account_name
            assert (record.last_active_s, record.activity_s) == (person.last_active_s, person.activity_s)
            assert record.source is person.source
            assert (record.typing_s is not None) is person.typing
            assert {*record.conversations} == {*person.roles, *([NEWCOMERS] if person.newcomer else [])}

    @invariant()
    def counts_equal_a_recount(self) -> None:
        for conversation in (None, HARBOUR, LIGHTHOUSE, "nowhere"):
            assert self.store.counts(conversation) == self.model.counts(conversation)

    @invariant()
    def every_view_is_as_if_sorted_anew(self) -> None:
        for view in self.views:
            _, query, facets = self.searches.get(view, (None, view.query, view.facets))
            expected = self.model.panels(view.conversation_id, view.sort, query, facets)
            assert panels(view) == expected
            assert (view.count(Panel.ONLINE), view.count(Panel.OFFLINE)) == tuple(map(len, expected))
            places = {
                key: (panel, index)
                for panel, listed in zip((Panel.ONLINE, Panel.OFFLINE), expected, strict=True)
                for index, key in enumerate(listed)
            }
            assert {key: view.index_of(key) for key in KEYS} == {key: places.get(key) for key in KEYS}

    @invariant()
    def nobody_is_overdue(self) -> None:
        next_s = self.store.states.next_transition_s
        assert next_s is None or next_s > self.clock.wall_s


StoreMachine.TestCase.settings = settings(repeatable, max_examples=60, stateful_step_count=40)
TestStoreAgainstTheModel = StoreMachine.TestCase
