"""The two themes of our own. Contrast of text is at least 4.5:1 on every surface."""

from typing import Final

from textual.theme import Theme

DARK: Final = "presence-dark"
LIGHT: Final = "presence-light"

STATE_VARIABLES: Final = {
    "state-online": "#3ddc97",
    "state-away": "#ffc857",
    "state-idle": "#c39bff",
    "state-offline": "#8b9bb0",
    "state-unknown": "#93a3b8",
    "quiet": "#93a3b8",
    "cursor": "#1c3350",
    "cursor-quiet": "#17212d",
}
"""Colours of states; what a theme that is not ours gets."""

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
        success="#3ddc97",
        warning="#ffc857",
        error="#ff7b7b",
        variables={
            **STATE_VARIABLES,
            "border": "#5ea1ff",
            "border-blurred": "#2c3a4a",
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
        success="#08724a",
        warning="#8a5a00",
        error="#b3261e",
        variables={
            "state-online": "#08724a",
            "state-away": "#8a5a00",
            "state-idle": "#6b3fc0",
            "state-offline": "#556373",
            "state-unknown": "#445160",
            "quiet": "#4c5a6a",
            "cursor": "#d6e7fd",
            "cursor-quiet": "#e4ecf5",
            "border": "#0b5cc0",
            "border-blurred": "#bcc7d3",
            "footer-background": "#e6ebf1",
            "footer-key-foreground": "#854a00",
            "footer-description-foreground": "#3c4a5a",
        },
    ),
)
