"""Whatever can open above the watch, in one import: for after the first paint, which needs none of it.

Each is imported where it is opened as well, so that nobody waits for this one.
"""

from presence_tui.tui.screens import (
    conversation_picker,
    dialog_texts,
    export_actions,
    export_dialog,
    facets_dialog,
    palette,
    participant_history,
    participant_page,
    participant_rules_dialog,
    rules_dialog,
    welcome,
)

__all__ = [
    "conversation_picker",
    "dialog_texts",
    "export_actions",
    "export_dialog",
    "facets_dialog",
    "palette",
    "participant_history",
    "participant_page",
    "participant_rules_dialog",
    "rules_dialog",
    "welcome",
]
