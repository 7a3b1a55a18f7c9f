import pytest

from tests.unit.store.store_harness import World


@pytest.fixture
def world() -> World:
    return World()
