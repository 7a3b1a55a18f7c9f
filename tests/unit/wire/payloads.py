"""Payloads of wire tests: the contract's examples, and small ones to modify."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from hypothesis import strategies as st

EXAMPLES: Final[Mapping[str, Any]] = json.loads(
    Path(__file__).parents[2].joinpath("data", "examples.json").read_text(encoding="utf-8")
)

HUGE: Final = "x" * 100_000


def example(name: str) -> Any:
    """The payload of an example from the contract."""
    return EXAMPLES[name]["payload"]


def example_body(name: str) -> bytes:
    """The same as the body of a response."""
    return json.dumps(example(name)).encode()


def body(**fields: object) -> bytes:
    """A body with these fields."""
    return json.dumps(fields).encode()


def bent(payload: Mapping[str, object], **fields: object) -> dict[str, object]:
    """The payload with changed fields; ``...`` removes one."""
    mixed = {**payload, **fields}
    return {name: value for name, value in mixed.items() if value is not ...}


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(st.characters(codec=None), max_size=30),
)
any_json = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


def any_object_with(*fields: str) -> st.SearchStrategy[dict[str, object]]:
    """Objects with some of these fields, of the right or any type, and perhaps others."""
    value = st.one_of(any_json, st.just("66aa00000000000000000011"), st.booleans())
    return st.dictionaries(st.sampled_from(fields), value, max_size=len(fields))
