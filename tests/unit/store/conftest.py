import pytest

from tests.unit.store.world import World


@pytest.fixture
def world() -> World:
    return World()
