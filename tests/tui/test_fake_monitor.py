"""The fake monitor has the interface of the real one."""

import ast
import inspect
from pathlib import Path
from types import SimpleNamespace

from presence_tui import service
from presence_tui.monitor.monitor import PresenceMonitor
from presence_tui.store import PresenceStore
from presence_tui.transport.credentials import Credential, CredentialHolder, CredentialKind
from presence_tui.transport.rate_limits import RequestCounters
from tests.tui.fake_monitor import FakeMonitor
from tests.unit.clock import FakeClock


def public_names(monitor: object) -> set[str]:
    return {name for name in dir(monitor) if not name.startswith("_")}


async def test_the_fake_has_every_public_name_of_a_watch() -> None:
    store = PresenceStore(clock=FakeClock())
    source = SimpleNamespace(renew_token=None, counters=RequestCounters())
    credentials = CredentialHolder(Credential(CredentialKind.ACCOUNT, "token"))
    real = PresenceMonitor(store, SimpleNamespace(), source, credentials)
    fake = FakeMonitor(store)
    assert public_names(real) <= public_names(fake)
    # The fake has only the members that the service reads.
    assert public_names(fake.secondary_rosters) <= public_names(real.secondary_rosters)


def test_the_fake_takes_what_a_watch_takes() -> None:
    methods = {name for name in public_names(PresenceMonitor) if callable(getattr(PresenceMonitor, name))}
    assert methods >= {"run", "refresh", "select", "watch_beside", "restore", "connection_status"}
    for name in methods:
        real, fake = (inspect.signature(getattr(kind, name)) for kind in (PresenceMonitor, FakeMonitor))
        assert list(real.parameters) == list(fake.parameters), name
        assert inspect.iscoroutinefunction(getattr(PresenceMonitor, name)) == inspect.iscoroutinefunction(
            getattr(FakeMonitor, name)
        )


def test_the_service_uses_no_private_part_of_a_watch() -> None:
    used = set()
    for path in sorted(Path(service.__path__[0]).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("monitor", "self._monitor"):
                used.add(node.attr)
    assert used > {"run", "select", "noticed", "packets"}, "uses in several modules are found"
    assert not [name for name in used if name.startswith("_")]
