"""Tasks that run together: the first error ends all and reaches the caller, also from eager tasks."""

import asyncio

import pytest

from presence_tui.monitor.background_tasks import run_together


class Broken(Exception):
    pass


async def fail() -> None:
    raise Broken


@pytest.fixture(params=["deferred", "eager"])
async def start(request: pytest.FixtureRequest) -> None:
    """How the loop starts tasks; Textual starts them eagerly where Python can."""
    if request.param == "eager":
        factory = getattr(asyncio, "eager_task_factory", None)
        if factory is None:
            pytest.skip("this Python has no eager tasks")
        asyncio.get_running_loop().set_task_factory(factory)


@pytest.mark.usefixtures("start")
@pytest.mark.parametrize("first", [True, False])
async def test_an_error_cancels_the_others_and_is_raised(first: bool) -> None:
    ended: list[str] = []

    async def wait_forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("cancelled")

    both = (fail(), wait_forever()) if first else (wait_forever(), fail())
    with pytest.raises(Broken):
        await run_together(*both)
    await asyncio.sleep(0)  # raises CancelledError where the caller was left cancelled

    # An eager task begins at once; a deferred one that is cancelled before it begins never runs.
    assert ended in ([], ["cancelled"])
    assert {task for task in asyncio.all_tasks() if task is not asyncio.current_task()} == set()


@pytest.mark.usefixtures("start")
async def test_cancelling_the_caller_cancels_all() -> None:
    ended: list[int] = []

    async def wait_forever(number: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(number)

    caller = asyncio.create_task(run_together(wait_forever(1), wait_forever(2)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert sorted(ended) == [1, 2]


@pytest.mark.usefixtures("start")
async def test_it_waits_for_all() -> None:
    ended: list[int] = []

    async def wait(number: int) -> None:
        await asyncio.sleep(0)
        ended.append(number)

    await run_together(wait(1), wait(2))
    assert sorted(ended) == [1, 2]
