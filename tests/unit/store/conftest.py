import pytest

from tests.unit.store.store_harness import StoreHarness


@pytest.fixture
def harness() -> StoreHarness:
    return StoreHarness()
