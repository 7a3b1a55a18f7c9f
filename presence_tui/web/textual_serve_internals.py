"""The one module that uses private names of textual-serve, with its reason and the way without them.

The library starts an application through a shell, which stays between, and waits for its end however long
that takes. Where the installed version lacks a name, its own start and stop serve.
"""

import asyncio
import os
from asyncio.subprocess import Process
from collections.abc import Mapping
from typing import Final

from textual_serve.app_service import AppService

from presence_tui.private_names import PrivateNames

PROCESS: Final = PrivateNames(
    {"textual_serve.app_service.AppService": "_build_environment _open_app_process _process _stdin _task"}
)


class ProcessService(AppService):
    """A service whose process is opened and ended by us, where the library lets it."""

    async def open_process(self, environment: dict[str, str]) -> Process:
        """To be overridden: the process of the application."""
        raise NotImplementedError

    async def start_with(self, environment: Mapping[str, str], width: int, height: int) -> None:
        """Start the application, with more in its environment than the library puts there."""
        self._more = environment
        if not PROCESS.available:
            # Its shell inherits what this process has. As an argument of the shell, others could read it.
            os.environ.update(environment)
        await super().start(width, height)

    def take_process(self) -> tuple[Process | None, asyncio.Task[None] | None]:
        """The process and what reads it, once; afterwards there is none."""
        process, self._process = self._process, None
        return process, self._task

    async def stop_by_library(self) -> None:
        """Ask the process to leave, and wait until it has."""
        await super().stop()

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        if not PROCESS.available:
            return await super()._open_app_process(width, height)
        environment = {**self._build_environment(width, height), **self._more}
        self._process = process = await self.open_process(environment)
        assert process.stdin is not None
        self._stdin = process.stdin
        return process
