"""``[[watch]]`` and ``[notifications]`` as written in the configuration; ``None`` means not set."""

import msgspec


class WatchTable(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One ``[[watch]]``."""

    when: str
    who: str | list[str] = []
    role: str = ""
    conversation: str = ""
    after_s: float | None = None
    cooldown_s: float | None = None
    by: str | list[str] | None = None
    name: str = ""


class NotificationsTable(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """``[notifications]``."""

    by: str | list[str] | None = None
    quiet: str | None = None
    cooldown_s: float | None = None
    terminal: str | None = None
    command: list[str] = []
    command_limit_s: float = 10.0
    webhook: str | None = None
    webhook_secret_file: str | None = None
