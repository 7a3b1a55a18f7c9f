"""Trusted certificate authorities."""

import ssl
from pathlib import Path
from typing import Final

from presence_tui.domain.system_reasons import reason_of
from presence_tui.domain.translatable import PhraseError, phrase
from presence_tui.storage.private_files import read_regular

LARGEST_CA_FILE: Final = 2**24
"""Bytes. A system's whole CA bundle is a fiftieth of that."""


class BadCertificateFile(PhraseError):
    """The CA file cannot be used; ``sentence`` says why."""


def tls_context(ca_file: Path | None = None) -> ssl.SSLContext:
    """Build a context that trusts the system's authorities and, if given, the one in ``ca_file`` (PEM).

    Raises ``BadCertificateFile``. There is no way to disable verification.
    """
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(cadata=read_regular(ca_file, LARGEST_CA_FILE).decode("ascii"))
        except (OSError, ValueError, ssl.SSLError) as problem:
            reason = reason_of(problem) if isinstance(problem, OSError) and problem.strerror else problem
            raise BadCertificateFile(
                phrase("The CA file {path} cannot be used: {reason}.", path=ca_file, reason=reason)
            ) from problem
    return context
