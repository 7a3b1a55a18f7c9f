"""Translatable sentences: English templates with values, rendered in the user's language.

Lower layers return phrases instead of finished text, so that a front end can look up the template in its
catalogue and fill in the same values.
"""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Phrase:
    """An English template with named gaps and their values, which are sanitized."""

    template: str
    gaps: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.in_language(lambda template: template)

    def in_language(self, translate: Callable[[str], str]) -> str:
        """Translate the template, and phrases in its gaps."""
        filled = {
            name: gap.in_language(translate) if isinstance(gap, Phrase) else gap
            for name, gap in self.gaps.items()
        }
        return translate(self.template).format(**filled)


def phrase(template: str, **gaps: object) -> Phrase:
    """Make a phrase. Catalogues find templates by this function's name."""
    return Phrase(template, gaps)


class PhraseError(ValueError):
    """A base class of errors whose message is a phrase."""

    def __init__(self, sentence: Phrase) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


NOTHING = Phrase("")
