"""Hostile texts, and the characters that must never reach the screen."""

import unicodedata

HOSTILE = {
    "colours and a cleared screen": "\x1b[2J\x1b[31mRed Rita",
    "clipboard": "\x1b]52;c;aGFja2Vk\x07Clip Clara",
    "window title": "\x1b]0;owned\x07\x1b]2;owned\x1b\\Title Tom",
    "eight-bit controls": "\x9b2J\x9d0;owned\x9cEight Eva",
    "right to left": "\u202egnp.exe\u202c \u2066Bidi Ben\u2069\u200f",
    "invisible": "Z\u200be\u200cr\u200do\ufeff\u00ad\u2060 Zoe",
    "tag characters": "Tag\U000e0041\U000e0042\U000e007f Tim",
    "a link that quits": "[@click=app.quit]Click Carl[/]",
    "a tag closed": "Close Cleo [/",
    "tags closed": "[/] [/bold] Closed Cora",
    "a tag open": "[bold Open Olaf",
    "tags": "[red on blue]Bold Bea[/red on blue]",
    "lines": "Line\nLena\r\nlast\u2028more\u2029\tend\x85",
    "very long": "Long " + "x" * 10_000,
    "a pile of marks": "Pile" + "\u0300\u0489" * 500 + " Pia",
    "gaps": "{0} {name} {state!r:>99} %s %(x)s Gap Gil",
    "bells": "\x00\x07\x08\x7fBell Bob",
    "half a character": "\ud800Half Hal\udfff",
    "nothing to see": "\u3164\u115f\u2800\u200b",
}

CLIPBOARD_SEQUENCE = "\x1b]52"
TITLE_SEQUENCE = "\x1b]0"


def forbidden_in(text: str) -> set[str]:
    """Names of the forbidden characters in a text: controls, direction changes, invisible ones,
    surrogates.
    """
    return {
        f"U+{ord(character):04X} in {text!r}"
        for character in text
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    }
