"""Random actions at a gateway, from one seed; each returns whether the watcher is notified of it."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

from tests.peers.fuzz_gateway_state import GatewayState, Room
from tests.peers.fuzz_watcher import Watcher
from tests.peers.node import NodeGateway

Step = Callable[[], Awaitable[bool]]
"""Runs the action; true if the contract sends the watcher nothing about it."""

MOST_GUESTS = 8


class Actions:
    """Chooses and runs actions that are possible in the current state."""

    def __init__(self, gateway: NodeGateway, watcher: Watcher, seed: int) -> None:
        self.random = Random(seed)
        self.log: list[str] = []
        self._gateway = gateway
        self._watcher = watcher
        self._names = 0
        self.gateway_state: GatewayState
        self._is_told = gateway.profile == "meeshy-2026"
        """The older version sends no events about memberships and names."""

    async def do(self, gateway_state: GatewayState) -> None:
        """Run one action, and a refresh if nothing would report it."""
        self.gateway_state = gateway_state
        is_silent = await self._one(WEIGHTED)
        if is_silent:
            self.log[-1] += "; r"
            # An event that arrives behind the question is newer than the answer.
            await self._watcher.caught_up()
            await self._watcher.until(lambda: not self._watcher.monitor.is_refreshing)
            await self._watcher.service.refresh()

    async def _one(self, weighted: "dict[Callable[[Actions], Step | None], int]") -> bool:
        left = dict(weighted)
        while left:
            (choose,) = self.random.choices([*left], [*left.values()])
            step = choose(self)
            if step is not None:
                return await step()
            # Nobody is there for it.
            del left[choose]
        return False

    def _note(self, text: str) -> None:
        self.log.append(f"{len(self.log) + 1:4} {text}")

    def _keys(self, *, devices: bool | None = None, guests: bool | None = None) -> list[str]:
        """Keys of others in any room: with or without a device, guests or accounts."""
        return [
            person.key
            for person in self.gateway_state.people.values()
            if person.key != self.gateway_state.me
            and any(person.key in room.members for room in self.gateway_state.rooms)
            and devices in (None, person.devices > 0)
            and guests in (None, person.guest)
        ]

    @property
    def _room(self) -> Room:
        return self.gateway_state.room(self._gateway.conversation)

    @property
    def _is_out(self) -> bool:
        return self.gateway_state.me not in self._room.members

    def _any_room(self) -> Room:
        if self.random.random() < 0.7 or (self._is_out and not self._is_told):
            return self._room
        return self.random.choice(self.gateway_state.rooms)

    def _is_left(self) -> bool:
        """True if the watcher is not notified and has nothing to read."""
        return self._is_out and not self._is_told

    # Arrivals and departures.

    def connect(self) -> Step | None:
        return self._device(self._keys(devices=False), "connects")

    def second_device(self) -> Step | None:
        keys = self._keys(devices=True)
        if self.random.random() < 0.1:
            keys = [self.gateway_state.me]
        return self._device(keys, "connects another device")

    def _device(self, keys: list[str], verb: str) -> Step | None:
        if not keys:
            return None
        key = self.random.choice(keys)

        async def step() -> bool:
            self._note(f"{key} {verb}")
            epoch = self._watcher.epoch
            await self._gateway.connect_device(key)
            if key == self.gateway_state.me and not self._is_told and self._watcher.is_live:
                # The older version ends the earlier connection.
                await self._watcher.until_reconnected(epoch)
            return False

        return step

    def leave(self) -> Step | None:
        keys = self._keys(devices=True)
        if not keys:
            return None
        key = self.random.choice(keys)

        async def step() -> bool:
            self._note(f"{key} disconnects a device")
            await self._gateway.disconnect_device(key)
            # The older version loses the guest's record.
            return self.gateway_state.people[key].guest and not self._is_told

        return step

    # Memberships.

    def kick(self) -> Step | None:
        return self._end("remove")

    def ban(self) -> Step | None:
        return self._end("ban")

    def slip_out(self) -> Step | None:
        return self._end("removeSilently")

    def _end(self, verb: str) -> Step | None:
        room = self._any_room()
        keys = [key for key in room.members if key != self.gateway_state.me]
        if verb != "remove":
            keys = [key for key in keys if not self.gateway_state.people[key].guest]
        if len(keys) < 4 or self._is_left():
            return None
        return self._member(verb, self.random.choice(sorted(keys)), room)

    def unban(self) -> Step | None:
        room = self._any_room()
        keys = sorted(room.banned - {self.gateway_state.me})
        if not keys or self._is_left():
            return None
        return self._member("unban", self.random.choice(keys), room)

    def add(self) -> Step | None:
        return self._begin("add")

    def join_by_link(self) -> Step | None:
        return self._begin("enterByLink")

    def _begin(self, verb: str) -> Step | None:
        room = self._any_room()
        keys = [
            person.key
            for person in self.gateway_state.people.values()
            if not person.guest
            and person.key != self.gateway_state.me
            and person.key not in room.members | room.banned
        ]
        if not keys or self._is_left():
            return None
        return self._member(verb, self.random.choice(keys), room)

    def _member(self, verb: str, key: str, room: Room) -> Step:
        async def step() -> bool:
            self._note(f"{verb} {key} {room.title}")
            await self._gateway.member(verb, user_id=key, conversation=room.id)  # type: ignore[arg-type]
            return not self._is_told or verb == "removeSilently"

        return step

    def guest_enters(self) -> Step | None:
        if (
            sum(person.guest for person in self.gateway_state.people.values()) >= MOST_GUESTS
            or self._is_left()
        ):
            return None
        self._names += 1
        name, connects = f"Visitor{self._names:03}", self.random.random() < 0.7

        async def step() -> bool:
            self._note(f"{name} enters by a link" + (" and connects" if connects else ""))
            key = await self._gateway.enter_as_guest(name)
            if connects:
                await self._gateway.connect_device(key)
            return not connects

        return step

    def own_end(self) -> Step | None:
        if self._is_out:
            return None
        verb = self.random.choice(["remove", "ban", "removeSilently"])
        return self._member(verb, self.gateway_state.me, self._room)

    def own_return(self) -> Step | None:
        if not self._is_out:
            return None
        me = self.gateway_state.me
        banned = me in self._room.banned
        verb = "unban" if banned else self.random.choice(["add", "enterByLink"])

        async def step() -> bool:
            self._note(f"{verb} {me} {self._room.title}")
            await self._gateway.member(verb, user_id=me, conversation=self._room.id)  # type: ignore[arg-type]
            # A new member is not notified of being added.
            return not self._is_told or verb == "add"

        return step

    # Names.

    def rename(self) -> Step | None:
        keys = self._keys(guests=False)
        if not keys or self._is_left():
            return None
        key = self.random.choice([*keys, self.gateway_state.me])
        self._names += 1
        name = f"Renamed {self._names:03}"

        async def step() -> bool:
            self._note(f"{key} is called {name}")
            await self._gateway.rename(key, name)
            return not self._is_told

        return step

    def nickname(self) -> Step | None:
        if not self._is_told or self._is_out:
            return None
        key = self.random.choice(sorted(self._room.members))
        self._names += 1
        name = f"Nick {self._names:03}"

        async def step() -> bool:
            self._note(f"{key} is called {name} in {self._room.title}")
            await self._gateway.nickname(key, name)
            return True

        return step

    def hide(self) -> Step | None:
        if not self._is_told or self._is_out:
            return None
        keys = [key for key in self._room.members if not self.gateway_state.people[key].guest]
        key = self.random.choice(sorted(keys))
        hidden = not self.gateway_state.people[key].hidden

        async def step() -> bool:
            self._note(f"{key} is {'hidden' if hidden else 'shown'}")
            await self._gateway.hide(key, hidden=hidden)
            return True

        return step

    # The gateway and the connection to it.

    def restart(self) -> Step:
        back = [
            key
            for key in self.gateway_state.people
            if key != self.gateway_state.me
            and self.gateway_state.people[key].devices
            and self.random.random() < 0.7
        ]
        self.random.shuffle(back)
        early = self.random.randint(0, len(back))

        async def step() -> bool:
            self._note(f"restart; {len(back)} come back, {early} of them at once")
            epoch = self._watcher.epoch
            await self._gateway.reboot()
            for key in back[:early]:
                await self._gateway.connect_device(key)
            await self._watcher.until_reconnected(epoch)
            for key in back[early:]:
                await self._gateway.connect_device(key)
            return False

        return step

    def token_end(self) -> Step:
        async def step() -> bool:
            self._note("token ends")
            epoch = self._watcher.epoch
            await self._gateway.expire()
            if not self._is_told:
                # The older version does not refresh an expired token.
                self._watcher.place.put(await self._gateway.mint())
            await self._gateway.kick(self.gateway_state.me)
            await self._watcher.until_reconnected(epoch)
            return False

        return step

    def drop(self) -> Step:
        how = self.random.choice(["cut", "reset", "kick"])

        async def step() -> bool:
            self._note(f"{how}")
            epoch = self._watcher.epoch
            if how == "kick":
                await self._gateway.kick(self.gateway_state.me)
            else:
                await self._gateway.cut(reset=how == "reset", spares_devices=True)
            await self._watcher.until_reconnected(epoch)
            return False

        return step

    def gap(self) -> Step:
        count = self.random.randint(1, 4)

        async def step() -> bool:
            self._note("gap begins")
            epoch = self._watcher.epoch
            await self._gateway.refuse(sockets=True, spares_devices=True)
            await self._watcher.until(lambda: not self._watcher.is_live)
            for _ in range(count):
                await self._one(IN_A_GAP)
                self.gateway_state = GatewayState.parse(await self._gateway.state(0))
            self._note("gap ends")
            await self._gateway.refuse(sockets=False)
            await self._watcher.until_reconnected(epoch)
            return False

        return step

    # Orders of events.

    def overtaking_statuses(self) -> Step | None:
        """Two statuses of one person are sent in the wrong order (section 2.1)."""
        people = self.gateway_state.people
        keys = [key for key in self._keys(guests=False) if people[key].devices <= 1]
        keys = [key for key in keys if people[key].online is (people[key].devices == 1)]
        # Only of those is asked again.
        keys = [key for key in keys if key in self._room.members]
        if not keys or self._is_out:
            return None
        key = self.random.choice(keys)
        flips = self.random.randint(2, 3)

        async def step() -> bool:
            self._note(f"{key} flips {flips} times, told in reverse")
            await self._gateway.hold_statuses()
            has_device = people[key].devices == 1
            for _ in range(flips):
                if has_device:
                    await self._gateway.disconnect_device(key)
                else:
                    await self._gateway.connect_device(key)
                has_device = not has_device
            await self._gateway.release_statuses(reversed_order=True)
            return True

        return step

    def overtaken_answer(self) -> Step | None:
        """An event is sent after an answer was computed, and arrives before it."""
        if self._is_out:
            return None
        room = f"/conversations/{self._gateway.conversation}/participants"
        paths = [room, "/users/presence"] if self._is_told else [room]
        path = self._gateway.prefix + self.random.choice(paths)
        count = self.random.randint(1, 3)
        told = TOLD_2026 if self._is_told else TOLD_2025

        async def step() -> bool:
            self._note(f"the answer of {path} is held")
            await self._watcher.until(lambda: not self._watcher.monitor.is_refreshing)
            asked = (await self._gateway.requests()).get(path, 0)
            await self._gateway.answer(path, hold=True, times=1)
            reading = asyncio.create_task(self._watcher.service.refresh())
            await self._gateway.until_requested(path, asked + 1)
            for _ in range(count):
                await self._one(told)
                self.gateway_state = GatewayState.parse(await self._gateway.state(0))
            self._note("the answer is released")
            await self._gateway.clear()
            await reading
            return False

        return step


WEIGHTED: dict[Callable[[Actions], Step | None], int] = {
    Actions.connect: 20,
    Actions.second_device: 6,
    Actions.leave: 14,
    Actions.kick: 6,
    Actions.ban: 4,
    Actions.slip_out: 2,
    Actions.unban: 5,
    Actions.add: 6,
    Actions.join_by_link: 6,
    Actions.guest_enters: 4,
    Actions.own_end: 3,
    Actions.own_return: 12,
    Actions.rename: 4,
    Actions.nickname: 2,
    Actions.hide: 5,
    Actions.restart: 2,
    Actions.token_end: 2,
    Actions.drop: 4,
    Actions.gap: 5,
    Actions.overtaking_statuses: 4,
    Actions.overtaken_answer: 8,
}
"""Actions with their weights."""

IN_A_GAP: dict[Callable[[Actions], Step | None], int] = {
    choose: weight
    for choose, weight in WEIGHTED.items()
    if choose
    in {
        Actions.connect,
        Actions.leave,
        Actions.kick,
        Actions.ban,
        Actions.slip_out,
        Actions.unban,
        Actions.add,
        Actions.join_by_link,
        Actions.guest_enters,
        Actions.own_end,
        Actions.own_return,
        Actions.rename,
        Actions.nickname,
        Actions.hide,
    }
}

TOLD_2026: dict[Callable[[Actions], Step | None], int] = {
    choose: WEIGHTED[choose]
    for choose in (
        Actions.connect,
        Actions.leave,
        Actions.kick,
        Actions.ban,
        Actions.unban,
        Actions.add,
        Actions.join_by_link,
        Actions.rename,
    )
}

TOLD_2025: dict[Callable[[Actions], Step | None], int] = {Actions.connect: 20}
