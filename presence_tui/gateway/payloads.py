"""Reading what clients send, which may be anything."""


def text_field(payload: object, name: str, longest: int = 4096) -> str | None:
    """A text of 1 to ``longest`` characters under a name of a JSON object, encodable; else ``None``."""
    value = payload.get(name) if isinstance(payload, dict) else None
    if not isinstance(value, str) or not 1 <= len(value) <= longest:
        return None
    return encodable(value)


def encodable(text: str) -> str:
    """The text with lone surrogates, which JSON can carry and UTF-8 cannot, replaced."""
    return text.encode("utf-8", "replace").decode()


def millis_field(payload: object, name: str) -> float | None:
    """A number of milliseconds that could be a time under a name of a JSON object; else ``None``."""
    value = payload.get(name) if isinstance(payload, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) < 1e15 else None
