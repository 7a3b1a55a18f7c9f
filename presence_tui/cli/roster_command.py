"""``roster``: prints the members of the conversation with their states, once, by REST."""

import asyncio
import sys
from typing import Final

import msgspec

from presence_tui.cli.configuration import Settings
from presence_tui.cli.headless import cli_error_for, credential_holder, say_error, target_or_demo, warn_of
from presence_tui.cli.json_lines import Layout, parse_layout
from presence_tui.cli.language_option import marked, say, say_phrase, say_raw
from presence_tui.cli.output import cell_text, print_sentence, print_table
from presence_tui.cli.participant_names import Who, say_strangers
from presence_tui.cli.wiring import rest_source
from presence_tui.domain.enums import Panel
from presence_tui.domain.limits import limit_texts
from presence_tui.domain.participants import Conversation
from presence_tui.monitor.conversation_choice import find_conversation
from presence_tui.monitor.roster_refresh import RosterRefresh
from presence_tui.store import PresenceStore, RosterIndex
from presence_tui.store.export import RosterLine, roster_line, write_csv
from presence_tui.text.local_time import seconds_beside
from presence_tui.transport.credentials import CredentialKind
from presence_tui.transport.errors import GatewayError, NoConversation
from presence_tui.transport.rest_source import RestSource
from presence_tui.wire.timestamps import seconds_from_wire

_ROLES: Final = {
    "creator": marked("creator"),
    "admin": marked("admin"),
    "moderator": marked("moderator"),
    "member": marked("member"),
}
"""The gateways' words for roles, in the table; unknown ones stay as they are."""


def show(settings: Settings, layout: str, who: Who) -> None:
    """Print the roster. Raises ``CliError``."""
    chosen = parse_layout(layout, with_csv=True)
    title, everybody, read_s = asyncio.run(_read(settings))
    lines = [line for line in everybody if who.includes(line.user_id, line.name, line.handle)]
    people = [(line.user_id, line.name, line.handle) for line in everybody]
    say_strangers(who.strangers_among(people), title, people)
    match chosen:
        case Layout.JSON:
            sys.stdout.buffer.write(msgspec.json.encode(lines) + b"\n")
        case Layout.CSV:
            write_csv(sys.stdout.buffer, RosterLine.__struct_fields__, map(msgspec.structs.asdict, lines))
        case Layout.TABLE:
            _print_table(title, lines, read_s)


async def _read(settings: Settings) -> tuple[str, list[RosterLine], float]:
    """Title and lines of the roster, and when it was read."""
    async with target_or_demo(settings) as target:
        warn_of(target.address)
        store = PresenceStore(rule=settings.rule, bounds=settings.bounds)
        source = rest_source(target, settings, credential_holder(target), store.clock)
        try:
            conversation = await _conversation(source, target.conversation, target.credential.kind)
            report = await RosterRefresh(source, store).run(conversation.id, ask_runtime=True)
        except GatewayError as error:
            raise cli_error_for(error) from error
        finally:
            await source.close()
        if report.roster_error is not None:
            raise cli_error_for(report.roster_error)
        if report.runtime_error is not None:
            why = report.runtime_error
            print_sentence(say("States are not known: {reason}", reason=say_error(why)))
        if report.malformed_rows:
            text = say("Rows of the roster that could not be read: {count}.", count=report.malformed_rows)
            print_sentence(text)
        for _, sentence in limit_texts(store.limit_counters, store.bounds).values():
            print_sentence(say_phrase(sentence))
        if report.total is not None and report.total > report.participants:
            counts = store.counts(conversation.id)
            summary = say(
                "{online} of {listed} listed, {total} members",
                online=counts.online,
                listed=report.participants,
                total=f"{report.total}{'+' if report.total_capped else ''}",
            )
            print_sentence(f"{summary}.")
        read_s = store.clock.stamp().wall_s
        return conversation.title, _lines(store.roster_index(conversation.id)), read_s


async def _conversation(source: RestSource, wanted: str | None, kind: CredentialKind) -> Conversation:
    await source.discover()
    known: list[Conversation] = []
    if kind is CredentialKind.ACCOUNT:
        # Conversation routes treat a bad token as a visitor's (section 0.10).
        account = await source.account()
        own = await source.conversations(account.key)
        if own.malformed_rows:
            text = say(
                "Rows of the list of conversations that could not be read: {count}.", count=own.malformed_rows
            )
            print_sentence(text)
        if own.cut_short is not None:
            print_sentence(say_phrase(own.cut_short))
        known = own.rows
    chosen = find_conversation(wanted, known)
    if chosen is None:
        raise NoConversation
    return chosen


def _lines(view: RosterIndex) -> list[RosterLine]:
    records = [
        record for panel in (Panel.ONLINE, Panel.OFFLINE) for record in view.rows(panel, 0, view.count(panel))
    ]
    return [roster_line(record, view.role_of(record.key)) for record in records]


def _print_table(title: str, lines: list[RosterLine], read_s: float) -> None:
    from rich.table import Table

    table = Table(title=cell_text(title), title_justify="left")
    for heading in (say("state"), say("name"), say("handle"), say("role")):
        table.add_column(heading)
    # The end of a time, which would be cut, is the useful half of it.
    table.add_column(say("last active"), no_wrap=True)
    for line in lines:
        word = say_raw(_ROLES[line.role]) if line.role in _ROLES else line.role
        role = say("{role} (guest)", role=word) if line.guest else word
        active_s = seconds_from_wire(line.last_active_at)
        last_active = "" if active_s is None else seconds_beside(active_s, read_s)
        cells = (say_raw(line.state), line.name, line.handle, role, last_active)
        table.add_row(*map(cell_text, cells))
    print_table(table)
