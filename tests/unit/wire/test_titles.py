"""Titles of conversations without a title."""

import json

import pytest

from presence_tui.wire.responses import read_conversations


def titled(row: dict[str, object], own_key: str) -> str:
    body = {"data": [{"id": "c1", "type": "direct", "title": None, **row}]}
    return read_conversations(json.dumps(body).encode(), own_key).rows[0].title


@pytest.mark.parametrize(
    "people",
    [
        # The newer gateway gives a user id beside the participant's, the older one only a user.
        {"participants": [{"userId": "me", "displayName": "Me"}, {"userId": "u2", "displayName": "Ada"}]},
        {"members": [{"user": {"id": "me", "username": "me"}}, {"user": {"id": "u2", "username": "Ada"}}]},
        {"participants": [{"id": "me", "displayName": "Me"}, {"id": "g2", "displayName": "Ada"}]},
    ],
)
def test_it_takes_the_names_of_the_others(people: dict[str, object]) -> None:
    assert titled(people, "me") == "Ada"


def test_of_whom_one_is_is_not_known_everybody_is_named() -> None:
    assert titled({"participants": [{"userId": "me", "displayName": "Me"}]}, "") == "Me"
