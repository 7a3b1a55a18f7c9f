"""Options that several commands share: the same name means the same everywhere."""

from pathlib import Path
from typing import Annotated

import typer

Gateway = Annotated[
    str | None,
    typer.Option("--gateway", "-g", metavar="URL", help="The gateway's address; without one, the demo."),
]
Conversation = Annotated[
    str | None,
    typer.Argument(help="Id, identifier or title of a conversation; without one, the most recent."),
]
ProfileName = Annotated[
    str | None,
    typer.Option("--profile", help="auto, meeshy-2026 or meeshy-2025: the gateway's contract version."),
]
TokenFile = Annotated[
    Path | None,
    typer.Option("--token-file", help="A file with the token, readable by its owner alone."),
]
CaFile = Annotated[
    Path | None,
    typer.Option("--ca-file", help="A certificate authority (PEM) to trust besides the system's."),
]
LanguageCode = Annotated[str | None, typer.Option("--lang", help="en or fr; without it, as the locale says.")]
ThemeName = Annotated[str | None, typer.Option("--theme", help="presence-dark, presence-light or another.")]
Ascii = Annotated[bool, typer.Option("--ascii", help="Draw marks with ASCII characters only.")]
RuleName = Annotated[
    str | None,
    typer.Option("--rule", help="flag, meeshy-2026 or meeshy-2025: how states are derived."),
]
Participants = Annotated[
    int, typer.Option("--participants", "-n", min=1, max=100_000, help="How many people there are.")
]
Rate = Annotated[
    float, typer.Option("--rate", min=0, help="Mean number of presence events a second; 0 is still.")
]
Seed = Annotated[int, typer.Option("--seed", help="The same seed gives the same people and lives.")]
LogFile = Annotated[
    Path | None, typer.Option("--log-file", help="Write a log there; nothing is logged otherwise.")
]
