"""Imports all dialogs at once, after the first paint, which needs none of them.

Each is also imported where it is opened, so that nothing waits for this module.
"""

from presence_tui.tui.screens import (
    connect_dialog,
    conversation_picker,
    dialog_texts,
    export_actions,
    export_dialog,
    facets_dialog,
    help_dialog,
    palette,
    participant_history,
    participant_lists,
    participant_page,
    rules_dialog,
    sign_out_dialog,
)

__all__ = [
    "connect_dialog",
    "conversation_picker",
    "dialog_texts",
    "export_actions",
    "export_dialog",
    "facets_dialog",
    "help_dialog",
    "palette",
    "participant_history",
    "participant_lists",
    "participant_page",
    "rules_dialog",
    "sign_out_dialog",
]
