"""Messages of the operating system in the user's language."""

import errno
import os

import pytest

from presence_tui.domain.system_reasons import reason_of
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
