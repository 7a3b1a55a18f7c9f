"""The Textual application: commands, themes, input and the screens of its service."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

from textual import constants, events
from textual.actions import SkipAction
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.driver import Driver
from textual.filter import LineFilter, NoColor
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Input

from presence_tui.service.events import Resynced, ServiceEvent
from presence_tui.service.frames import FRAME_S, READABLE_S
from presence_tui.service.service import PresenceService
from presence_tui.text.language import Language
from presence_tui.text.loop_errors import LoopErrors
from presence_tui.text.wording import Wording
from presence_tui.tui.commands import Command, commands
from presence_tui.tui.glyphs import ASCII, AsciiDrawing, Glyphs, speaks_unicode
from presence_tui.tui.input_events import TypedAhead, once_more
from presence_tui.tui.keys import key_in, with_keys
from presence_tui.tui.partial_painting import PaintingApp
from presence_tui.tui.screens.watch_screen import WatchScreen
from presence_tui.tui.service_app import ServiceApp
from presence_tui.tui.terminal_reports import TerminalFocus
from presence_tui.tui.textual_internals import READING, TranslatedPalette, missing
from presence_tui.tui.themed_app import ThemedApp
from presence_tui.tui.themes import DARK
from presence_tui.tui.toasts import ToastingApp
from presence_tui.tui.widgets.secret_input import SecretInput

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.tui.controllers.alerts import FindNotification
    from presence_tui.tui.gateways import Gateways
    from presence_tui.tui.screens.wallboard import Wallboard

WHY_IN_ONE_ROW = {"en": 120, "fr": 160}
"""Columns that hold a typical why line. Fixed per language, so that the cursor never moves the panels."""
DETAILS_FROM = 165
"""Columns from which the details of the selected participant are shown beside the views."""

MISTAKE_SHOWN_S = 15.0

LEAST_SIZE = Size(16, 4)
"""A smaller terminal shows the corner of a screen of this size: otherwise borders and padding leave no column
for the lines of a list, and Textual divides by their width.
"""

IDLE_S = 0.2
"""Idle time after a key or mouse event before background work may run."""
IDLE_CHECK_S = 1.0
CARET_BLINKS_S = 10.0
"""Idle time after which the caret stops blinking, as in GTK, because each blink repaints a line."""

_logger = logging.getLogger(__name__)


class PresenceApp(ServiceApp, ToastingApp, ThemedApp, PaintingApp):
    """Shows a service, whose store should use a ``FrameScheduler``."""

    CSS_PATH = "styles/app.tcss"
    TITLE = "presence-tui"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        # With priority, because dialogs hide the app's other keys.
        Binding("ctrl+c", "leave_or_copy", show=False, priority=True, system=True),
        Binding("ctrl+z", "suspend_process", show=False, priority=True, system=True),
        Binding("ctrl+l", "repaint", show=False, priority=True, system=True),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-short"),
        (20, "-regular"),
        (34, "-tall"),
    ]

    def __init__(
        self,
        service: PresenceService,
        *,
        language: Language,
        glyphs: Glyphs,
        theme: str = DARK,
        keys: Mapping[str, Sequence[str]] | None = None,
        reduced_motion: bool = False,
        frame_s: float = FRAME_S,
        welcomes: bool = False,
        gateways: "Gateways | None" = None,
        when_idle: Callable[[], object] = lambda: None,
        find_notification: "FindNotification" = lambda: None,
        escape_s: float = constants.ESCAPE_DELAY,
    ) -> None:
        """``keys`` are by command name. Raises ``BadKeys`` for invalid keys.

        ``welcomes``: show the welcome to the demo, because nothing is configured. ``gateways``: those to
        connect to; ``None`` to offer none. ``when_idle`` is called about once a second while no key is
        pressed, for work that would delay an answer.
        """
        super().__init__(service)
        if names := missing():
            _logger.warning("the installed Textual lacks %s", ", ".join(names))
        self.escape_s = escape_s
        """How long the driver waits after esc for the rest of a sequence."""
        if self.no_color:
            self.css_path.append(Path(__file__).parent / "styles" / "colourless.tcss")
        self._welcomes = welcomes
        self._when_idle = when_idle
        self._typed_ahead = TypedAhead()
        self._input_s = 0.0
        """Time of the last input, by the loop's clock."""
        # Animation frames cost bandwidth on slow connections, and show nothing of presence.
        self.animation_level = "none"
        self.use_theme(theme)
        self._line_filters = _terminal_filters(glyphs, self.no_color)
        self._glyphs = glyphs
        self._least_period_s = max(READABLE_S, frame_s)
        self._gateways = gateways
        self._find_notification = find_notification
        self._attention = TerminalFocus(service.store.clock)
        self._wording = Wording(language, service.store)
        self._commands = [
            command._replace(key_shown=key_in(language, command.key_shown))
            for command in with_keys(self.known_commands(language), keys or {})
        ]
        self._reduced_motion = reduced_motion
        self.HORIZONTAL_BREAKPOINTS = [
            (0, "-narrow"),
            (70, "-medium"),
            (100, "-wide"),
            (WHY_IN_ONE_ROW[language.code], "-vast"),
            (DETAILS_FROM, "-spacious"),
        ]
        self._watch_screen = self.first_screen(glyphs, self._least_period_s)
        for command in self._commands:
            if command.keys:
                self.bind(
                    command.keys,
                    command.action,
                    description=command.label,
                    show=command.in_footer,
                    key_display=command.key_shown,
                )

    def known_commands(self, language: Language) -> list[Command]:
        """The commands of this app."""
        return commands(language)

    def first_screen(self, glyphs: Glyphs, least_period_s: float) -> "WatchScreen | Wallboard":
        """The screen that shows the service."""
        return WatchScreen(
            self._service,
            self._wording,
            glyphs,
            self._commands,
            self._attention,
            find_notification=self._find_notification,
            gateways=self._gateways,
            show_service=self._show_another,
            least_period_s=least_period_s,
        )

    @property
    def service_screen(self) -> "WatchScreen | Wallboard":
        return self._watch_screen

    def screen_of(self, service: PresenceService) -> "WatchScreen | Wallboard":
        self._wording = Wording(self._wording.language, service.store)
        self._typed_ahead.forget()
        self._watch_screen = self.first_screen(self._glyphs, self._least_period_s)
        self.set_size_classes(self._watch_screen)
        return self._watch_screen

    def get_driver_class(self) -> type[Driver]:
        chosen = super().get_driver_class()
        if chosen.__name__ != "LinuxDriver" or not READING.available:
            return chosen
        from presence_tui.tui.fast_escape_driver import FastEscapeDriver

        return FastEscapeDriver

    def get_default_screen(self) -> Screen[None]:
        self.set_size_classes(self._watch_screen)
        return self._watch_screen

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Filters applied to each line before it is written."""
        if self.no_color:
            # Without Textual's own filter, which uses greys: for a terminal they are colours too.
            return self._line_filters
        return [*super().get_line_filters(), *self._line_filters]

    def refresh(self, *, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        # The library requests an app's layout some time after a closed screen was removed. Nothing below it
        # has moved, and repainting all would delay the next key.
        return super().refresh(repaint=repaint and not layout, layout=layout, recompose=recompose)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        for command in self._commands:
            if isinstance(self._watch_screen, WatchScreen) and not self._watch_screen.offers(command.name):
                continue
            action = command.action
            help_text = command.explanation
            if command.keys:
                help_text += f" · {command.key_shown}"
            yield SystemCommand(command.label, help_text, lambda action=action: self.run_action(action))
        say = self._wording.language.say
        yield SystemCommand(say("Theme"), say("Choose among all themes"), lambda: self.search_themes())

    def action_command_palette(self) -> None:
        if self.use_command_palette and not isinstance(self.screen, TranslatedPalette):
            language = self._wording.language
            self.push_screen(_palette(language, language.say("Search for commands…")))

    def search_themes(self) -> None:
        from textual.theme import ThemeProvider

        language = self._wording.language
        self.push_screen(_palette(language, language.say("Search for themes…"), [ThemeProvider]))

    def on_app_focus(self) -> None:
        self._attention.record_focus(True)

    def on_app_blur(self) -> None:
        self._attention.record_focus(False)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if isinstance(event.widget, Input):
            event.widget.cursor_blink = not self._reduced_motion

    def on_mount(self) -> None:
        asyncio.get_running_loop().set_exception_handler(
            LoopErrors(
                self._wording.language,
                lambda sentence: self.notify(
                    sentence, severity="error", markup=False, timeout=MISTAKE_SHOWN_S
                ),
            )
        )
        # After ctrl+z and fg, the shell has written over the screen.
        self.app_resume_signal.subscribe(self, lambda _: self.refresh())
        self.set_interval(IDLE_CHECK_S, self._run_idle_work)

    @property
    def size(self) -> Size:
        return _at_least(super().size)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Resize):
            event.size = event.virtual_size = event.container_size = _at_least(event.size)
        if isinstance(event, events.Key | events.MouseDown):
            self._attention.record_input()
        if isinstance(event, events.InputEvent):
            self._input_s = asyncio.get_running_loop().time()
            self._let_caret_blink(True)
        if isinstance(event, events.Key | events.Paste):
            if not event.is_forwarded:
                self._typed_ahead.hand(event, self.focused)
            elif self._typed_ahead.is_astray(event, self.focused):
                self.post_message(once_more(event))
                return
        await super().on_event(event)

    async def on_key(self, event: events.Key) -> None:
        """Show help in front of a dialog, which hides the app's keys, unless the dialog uses the key."""
        screen, shown = self._watch_screen, self.screen
        if shown is screen or not isinstance(screen, WatchScreen) or event.key in shown.active_bindings:
            return
        if any(event.key in each.keys.split(",") for each in self._commands if each.name == "help"):
            await screen.action_run_command("help")

    def _run_idle_work(self) -> None:
        idle_s = asyncio.get_running_loop().time() - self._input_s
        if idle_s >= IDLE_S:
            self._when_idle()
        if idle_s >= CARET_BLINKS_S:
            self._let_caret_blink(False)

    def _let_caret_blink(self, blinks: bool) -> None:
        if isinstance(self.focused, Input):
            self.focused.cursor_blink = blinks and not self._reduced_motion

    async def _show_another(self, service: PresenceService, *, welcomes: bool) -> None:
        self._welcomes = welcomes
        await self.show_service(service)

    def follow(self, event: ServiceEvent) -> None:
        if self._welcomes and isinstance(event, Resynced):
            self._welcome()

    def _welcome(self) -> None:
        """Show the welcome once, after the first resync, unless the user is already busy."""
        self._welcomes = False
        screen = self._watch_screen
        if self.screen is screen and isinstance(screen, WatchScreen) and not isinstance(self.focused, Input):
            from presence_tui.tui.screens.help_dialog import Welcome

            connect = partial(self.call_later, screen.action_run_command, "connect")
            passed_on = [
                key
                for command in self._commands
                if command.name in ("connect", "help", "quit")
                for key in command.keys.split(",")
            ]
            self.push_screen(Welcome(self._wording.language, connect, passed_on))

    async def action_leave_or_copy(self) -> None:
        """Exit, unless the focused widget or the screen has selected text to copy.

        Textual's own action for this key suggests ctrl+q, which this screen does not show. Monitors such
        as k9s, btop and htop exit, as this one does on the signal; nothing is lost.
        """
        focused = self.screen.focused
        if self.screen.get_selected_text():
            raise SkipAction
        if isinstance(focused, Input) and not isinstance(focused, SecretInput) and focused.selected_text:
            raise SkipAction
        await self.action_quit()


def _palette(
    language: Language, placeholder: str, providers: Iterable[type[Provider]] | None = None
) -> TranslatedPalette:
    """Searches commands, or those of ``providers``. Translated, because Textual's own is in English only."""
    palette = TranslatedPalette(providers, placeholder=placeholder, id="--command-palette")
    palette.nothing_matches = language.say("Nothing matches.")
    return palette


def _terminal_filters(glyphs: Glyphs, no_color: bool) -> list[LineFilter]:
    needed: list[LineFilter] = [NoColor()] if no_color else []
    if glyphs is ASCII:
        needed.append(AsciiDrawing(whole=not speaks_unicode()))
    return needed


def _at_least(size: Size) -> Size:
    return Size(max(size.width, LEAST_SIZE.width), max(size.height, LEAST_SIZE.height))
