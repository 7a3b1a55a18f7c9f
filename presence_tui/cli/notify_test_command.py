"""``notify-test``: tries each alert channel and prints the result.

The bell and notifications are written to the terminal itself, to keep them out of pipes.
"""

import asyncio
import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from presence_tui.alerts.delivery import DeliveryError, Notice, Sender, build_notice
from presence_tui.alerts.rules import Alert, Channel
from presence_tui.alerts.terminal_notices import is_in_tmux, notification
from presence_tui.cli.alert_settings import NONE, senders, terminal_sequence
from presence_tui.cli.configuration import Settings
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.language_option import marked, say, say_phrase, say_raw
from presence_tui.cli.targets import tls_context_for

TEXT = marked("This is a test of presence-tui.")
_BELL = "\a"
_NO_TERMINAL = (errno.ENXIO, errno.ENOENT, errno.ENODEV)


@dataclass(frozen=True, slots=True)
class _CheckResult:
    """Result of one channel. ``ok`` is ``None`` if it is not set up."""

    channel: Channel
    ok: bool | None
    text: str
    advice: str = ""


def try_channels(settings: Settings, by: str | None) -> None:
    """Print a line per channel. Raises ``CliError`` if one failed, or the requested one is not set up."""
    notice = build_notice(Alert(time.time(), ()), lambda alert: say_raw(TEXT), "notify-test", test=True)
    channels = [Channel(by)] if by else list(Channel)
    results = asyncio.run(_try_all(settings, channels, notice))
    if any(result.ok is False for result in results):
        raise CliError(say("Not every way works; the line says why."), ExitCode.FAILED)
    if by and results[0].ok is None:
        raise CliError(say("There is nothing to try: {advice}", advice=results[0].advice), ExitCode.USAGE)


async def _try_all(settings: Settings, channels: list[Channel], notice: Notice) -> list[_CheckResult]:
    found: list[_CheckResult] = []
    there = senders(settings.notifications, partial(tls_context_for, settings))
    try:
        for channel in channels:
            if channel in (Channel.COMMAND, Channel.WEBHOOK):
                result = await _send(channel, there.get(channel), notice)
            else:
                result = _TRIED_HERE[channel](settings, notice)
            _print(result)
            found.append(result)
    finally:
        await asyncio.gather(*(sender.close() for sender in there.values()))
    return found


def _print(result: _CheckResult) -> None:
    mark = {True: say("ok"), False: say("NO"), None: "--"}[result.ok]
    print(f"{mark:<3} {result.channel:<10} {result.text}", flush=True)
    if result.advice:
        print(f"    {'':<10} {result.advice}", flush=True)


def _toast(settings: Settings, notice: Notice) -> _CheckResult:
    return _CheckResult(
        Channel.TOAST, None, say("needs the screen"), say("Watch rules show toasts in presence-tui watch.")
    )


def _bell(settings: Settings, notice: Notice) -> _CheckResult:
    if (problem := _write_to_terminal(_BELL)) is not None:
        return _CheckResult(Channel.BELL, False, problem)
    return _CheckResult(
        Channel.BELL, True, say("rung"), say("Nothing heard? See the settings of your terminal.")
    )


def _terminal(settings: Settings, notice: Notice) -> _CheckResult:
    if settings.notifications.terminal == NONE:
        return _CheckResult(Channel.TERMINAL, None, say("off"), say('terminal = "none" in [notifications].'))
    sequence = terminal_sequence(settings.notifications, os.environ)
    terminal = os.environ.get("TERM_PROGRAM") or os.environ.get("TERM") or say("this terminal")
    if sequence is None:
        return _CheckResult(
            Channel.TERMINAL,
            None,
            say("{terminal} is not known to show notifications", terminal=terminal),
            say('If it does, say which: terminal = "osc9", "osc99" or "osc777" in [notifications].'),
        )
    in_tmux = is_in_tmux(os.environ)
    if (problem := _write_to_terminal(notification(sequence, notice.text, in_tmux=in_tmux))) is not None:
        return _CheckResult(Channel.TERMINAL, False, problem)
    if in_tmux:
        advice = say("Nothing seen? tmux hands it on only with: set -g allow-passthrough on")
        return _CheckResult(
            Channel.TERMINAL, True, say("{sequence} sent through tmux", sequence=sequence), advice
        )
    return _CheckResult(
        Channel.TERMINAL, True, say("{sequence} sent to {terminal}", sequence=sequence, terminal=terminal)
    )


async def _send(channel: Channel, sender: Sender | None, notice: Notice) -> _CheckResult:
    if sender is None:
        return _CheckResult(
            channel,
            None,
            say("not set up"),
            say("{setting} = … in [notifications] of the configuration.", setting=channel),
        )
    try:
        return _CheckResult(channel, True, await sender.send(notice))
    except DeliveryError as problem:
        return _CheckResult(channel, False, say_phrase(problem.sentence))


def _write_to_terminal(text: str) -> str | None:
    """Write to the terminal and return the error, if any."""
    try:
        with _terminal_of_ours() as descriptor:
            os.write(descriptor, text.encode())
    except OSError as problem:
        return say("there is no terminal") if problem.errno in _NO_TERMINAL else problem.strerror
    return None


@contextmanager
def _terminal_of_ours() -> Iterator[int]:
    """A descriptor of the terminal: standard output or error, otherwise ``/dev/tty``. Raises ``OSError``."""
    shown = next((each for each in (sys.stdout, sys.stderr) if each.isatty()), None)
    if shown is not None:
        yield shown.fileno()
        return
    descriptor = os.open("/dev/tty", os.O_WRONLY | os.O_NOCTTY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


_TRIED_HERE = {Channel.TOAST: _toast, Channel.BELL: _bell, Channel.TERMINAL: _terminal}
