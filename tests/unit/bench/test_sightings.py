"""The busy benches follow the why line through writes of changed cells, in chunks of any size."""

import pytest

from tests.bench.busy_watch import Sightings

WHOLE = b"\x1b[31;2H\x1b[38;2;1;2;3mAda Alvarez 0000060 is idle: 3 s ago\x1b[0m"
OTHER_DIGITS = b"\x1b[31;18H\x1b[38;2;1;2;3m93\x1b[0m"
OTHER_AGE = b"\x1b[31;31H\x1b[38;2;1;2;3m4\x1b[0m"
OTHER_ROW = b"\x1b[6;2H\x1b[1mBo Chen 0000001\x1b[0m"


@pytest.mark.parametrize("size", [1, 7, 30, 1_000])
def test_a_name_is_followed_and_answers_once(size: int) -> None:
    seen, output = Sightings(), WHOLE + OTHER_AGE + OTHER_ROW + OTHER_DIGITS + OTHER_AGE
    answers = 0
    for start in range(0, len(output), size):
        seen.key_answered.clear()
        seen.read(output[start : start + size], 5.0)
        answers += seen.key_answered.is_set()
    assert seen.explained == b"Ada Alvarez 0000930"
    assert answers == min(2, -(-len(output) // size)), "ages and other rows answer nothing"
