"""Our own themes.

Contrast of text is at least 4.5:1 on every surface, and 7:1 in the high-contrast one (WCAG 2, levels AA and
AAA). The colours of any two states differ by a CIEDE2000 of at least 10, as seen and as simulated for
protan, deutan and tritan eyes; in the one for colour blindness by 15, and in sixteen colours, which are the
terminal's own, by 5. ``tests/tui/test_themes.py`` and ``test_contrast.py`` measure it.
"""

from typing import Final

from textual.theme import BUILTIN_THEMES, Theme

DARK: Final = "presence-dark"
LIGHT: Final = "presence-light"
CONTRAST: Final = "presence-contrast"
COLOURBLIND: Final = "presence-colourblind"
SIXTEEN: Final = "presence-16"

STATE_VARIABLES: Final = {
    "state-online": "#35d48f",
    "state-away": "#f1d749",
    "state-idle": "#c296ff",
    "state-offline": "#8b9bb0",
    "state-unknown": "#a89088",
    "quiet": "#93a3b8",
    "cursor": "#1c2e50",
    "cursor-quiet": "#172133",
    "cursor-style": "bold",
    "cursor-quiet-style": "none",
}
"""Default variables of themes: colours of states, and the style of the cursor."""

THEMES: Final = (
    Theme(
        name=DARK,
        dark=True,
        primary="#5ea1ff",
        secondary="#56c7c0",
        accent="#ffb454",
        background="#0e131a",
        surface="#131a23",
        panel="#1b2531",
        foreground="#dbe3ec",
        success="#35d48f",
        warning="#f1d749",
        error="#ff7b7b",
        variables={
            **STATE_VARIABLES,
            "border": "#5ea1ff",
            "border-blurred": "#56697f",
            "footer-background": "#131a23",
            "footer-key-foreground": "#ffb454",
            "footer-description-foreground": "#aab8c8",
        },
    ),
    Theme(
        name=LIGHT,
        dark=False,
        primary="#0b5cc0",
        secondary="#0a5f5b",
        accent="#854a00",
        background="#f4f6f9",
        surface="#ffffff",
        panel="#e6ebf1",
        foreground="#17202b",
        success="#005c39",
        warning="#8f5600",
        error="#b3261e",
        variables={
            "state-online": "#005c39",
            "state-away": "#8f5600",
            "state-idle": "#8a2bd6",
            "state-offline": "#393a51",
            "state-unknown": "#5e6280",
            "quiet": "#4c5a6a",
            "cursor": "#d6e7fd",
            "cursor-quiet": "#e4ecf5",
            "border": "#0b5cc0",
            "border-blurred": "#7f8fa2",
            "footer-background": "#e6ebf1",
            "footer-key-foreground": "#6e3d00",
            "footer-description-foreground": "#3c4a5a",
        },
    ),
    Theme(
        name=CONTRAST,
        dark=True,
        primary="#66b3ff",
        secondary="#5ee6dd",
        accent="#ffd27a",
        background="#000000",
        surface="#000000",
        panel="#1a1a1a",
        foreground="#ffffff",
        success="#0af49d",
        warning="#ffff00",
        error="#ffa0a0",
        variables={
            "state-online": "#0af49d",
            "state-away": "#ffff00",
            "state-idle": "#d9a0ff",
            "state-offline": "#f9ffff",
            "state-unknown": "#b1c2b8",
            "quiet": "#d0d8e0",
            "cursor": "#002e5f",
            "cursor-quiet": "#202020",
            "cursor-quiet-style": "underline",
            "border": "#ffffff",
            "border-blurred": "#8c8c8c",
            "footer-background": "#000000",
            "footer-key-foreground": "#ffd27a",
            "footer-description-foreground": "#ffffff",
        },
    ),
    Theme(
        name=COLOURBLIND,
        dark=True,
        primary="#6cb6ff",
        secondary="#8fc7ff",
        accent="#ffb454",
        background="#0b0f14",
        surface="#0f141b",
        panel="#171e27",
        foreground="#e2e7ee",
        success="#3fa9f5",
        warning="#ffe14d",
        error="#ff9a66",
        variables={
            # Most eyes can tell blue and yellow apart; lightness separates the rest.
            "state-online": "#3fa9f5",
            "state-away": "#ffe14d",
            "state-idle": "#e8743b",
            "state-offline": "#a4adb9",
            "state-unknown": "#a89888",
            "quiet": "#a4adb9",
            "cursor": "#1d2c3f",
            "cursor-quiet": "#161d30",
            "border": "#6cb6ff",
            "border-blurred": "#56677c",
            "footer-background": "#0f141b",
            "footer-key-foreground": "#ffb454",
            "footer-description-foreground": "#b4bdc9",
        },
    ),
    Theme(
        # In the terminal's own sixteen colours, where shades of a background would all become black.
        name=SIXTEEN,
        ansi=True,
        dark=True,
        primary="ansi_bright_cyan",
        secondary="ansi_bright_cyan",
        accent="ansi_bright_yellow",
        background="ansi_black",
        surface="ansi_black",
        panel="ansi_black",
        boost="ansi_black",
        foreground="ansi_bright_white",
        success="ansi_bright_green",
        warning="ansi_bright_yellow",
        error="ansi_bright_red",
        variables={
            "state-online": "ansi_green",
            "state-away": "ansi_bright_yellow",
            "state-idle": "ansi_bright_magenta",
            "state-offline": "ansi_bright_cyan",
            "state-unknown": "ansi_white",
            "quiet": "ansi_white",
            "cursor": "ansi_black",
            "cursor-quiet": "ansi_black",
            "cursor-style": "bold reverse",
            "cursor-quiet-style": "underline",
            "border": "ansi_bright_cyan",
            "border-blurred": "ansi_bright_black",
            "ansi-background": "ansi_black",
            "ansi-foreground": "ansi_bright_white",
            "block-cursor-foreground": "ansi_bright_white",
            "block-cursor-background": "ansi_black",
            "block-cursor-text-style": "bold reverse",
            "footer-background": "ansi_black",
            "footer-item-background": "ansi_black",
            "footer-key-foreground": "ansi_bright_yellow",
            "footer-description-foreground": "ansi_white",
            "footer-description-background": "ansi_black",
        },
    ),
)

FOREIGN_THEMES: Final = {name: theme for name, theme in BUILTIN_THEMES.items() if not theme.ansi}
"""Textual's themes, without those in the terminal's own colours, whose contrast is unknown."""


def theme_names() -> list[str]:
    """All theme names: ours first, then Textual's that can be made readable."""
    return [*(theme.name for theme in THEMES), *FOREIGN_THEMES]


def colours_of(name: str) -> tuple[str, str]:
    """Background and text colour of a theme, in CSS syntax; empty if undefined."""
    theme = next((theme for theme in THEMES if theme.name == name), None) or FOREIGN_THEMES[name]
    return theme.background or "", theme.foreground or ""


def fitting_theme(color_system: str | None, *, is_light: bool = False) -> str:
    """The default theme of a terminal. ``color_system`` as named by Rich."""
    if color_system == "standard":
        return SIXTEEN
    return LIGHT if is_light else DARK
