"""Validates payloads of clients."""


def text_field(payload: object, name: str, longest: int = 4096) -> str | None:
    """Return a field of a JSON object if it is text of 1 to ``longest`` characters, else ``None``."""
    value = payload.get(name) if isinstance(payload, dict) else None
    if not isinstance(value, str) or not 1 <= len(value) <= longest:
        return None
    return encodable(value)


def encodable(text: str) -> str:
    """Replace lone surrogates, which JSON can carry but UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode()


def millis_field(payload: object, name: str) -> float | None:
    """Return a field of a JSON object if it is a plausible time in milliseconds, else ``None``."""
    value = payload.get(name) if isinstance(payload, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) < 1e15 else None
