"""Messages of the operating system in the user's language."""

import errno
import os

import pytest

from presence_tui.domain.system_reasons import reason_of, reason_within
from presence_tui.text.language import Language


@pytest.mark.parametrize("code", [errno.ENOENT, errno.EACCES, errno.EISDIR, errno.ENOSPC, errno.EADDRINUSE])
def test_a_usual_message_is_translated(code: int) -> None:
    told = reason_of(OSError(code, os.strerror(code)))
    assert str(told) == os.strerror(code)
    assert Language("fr").phrase(told) != os.strerror(code)


def test_any_other_is_as_the_system_says_it_and_no_template() -> None:
    assert str(reason_of(OSError(1, "{odd}"))) == "{odd}"
    assert str(reason_of(TimeoutError())) == "TimeoutError"
    assert str(reason_of(OSError("it is a symbolic link"))) == "it is a symbolic link"


@pytest.mark.parametrize("code", [errno.EACCES, errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EMFILE])
def test_within_a_sentence_it_begins_with_a_small_letter(code: int) -> None:
    told, said = reason_within(os.strerror(code)), os.strerror(code)
    assert str(told) == said[0].lower() + said[1:]
    assert Language("fr").phrase(told) not in (str(told), said)
    assert Language("fr").phrase(told)[0].islower()
    assert str(reason_within("{odd}")) == "{odd}"
    assert str(reason_within("")) == ""
