"""What the operating system says about a failure, as phrases in the user's language."""

from typing import Final

from presence_tui.domain.translatable import Phrase, phrase

_KNOWN: Final = {
    each.template: each
    for each in (
        phrase("No such file or directory"),
        phrase("Permission denied"),
        phrase("Operation not permitted"),
        phrase("Is a directory"),
        phrase("Not a directory"),
        phrase("File exists"),
        phrase("File name too long"),
        phrase("No space left on device"),
        phrase("Disk quota exceeded"),
        phrase("Read-only file system"),
        phrase("Too many open files"),
        phrase("Too many levels of symbolic links"),
        phrase("Input/output error"),
        phrase("Exec format error"),
        phrase("Address already in use"),
        phrase("Cannot assign requested address"),
        # Of our own checks, see ``storage.private_files``.
        phrase("it is a symbolic link"),
        phrase("it is not a regular file"),
    )
}
_KNOWN_IN_SENTENCES: Final = {
    each.template: each
    for each in (
        phrase("permission denied"),
        phrase("address already in use"),
        phrase("cannot assign requested address"),
        phrase("address family not supported by protocol"),
        phrase("name or service not known"),
        phrase("no address associated with hostname"),
        phrase("temporary failure in name resolution"),
        phrase("too many open files"),
    )
}


def reason_of(problem: OSError) -> Phrase:
    """The system's message; in English if the catalogue has no translation of it."""
    text = problem.strerror or str(problem) or type(problem).__name__
    return _KNOWN.get(text) or Phrase("{text}", {"text": text})


def reason_within(text: str) -> Phrase:
    """A message of the system as a part of a sentence; in English if it has no translation."""
    lower = text[:1].lower() + text[1:]
    return _KNOWN_IN_SENTENCES.get(lower) or Phrase("{text}", {"text": lower})
