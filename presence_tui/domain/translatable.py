"""Translatable sentences: English templates with values, rendered in the user's language.

Lower layers return phrases instead of finished text, so that a front end can look up the template in its
catalogue and fill in the same values.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Fill = Callable[[str, Mapping[str, object]], str]
"""Fills the gaps of a template by name."""


def _fill(template: str, gaps: Mapping[str, object]) -> str:
    return template.format(**gaps)


@dataclass(frozen=True, slots=True)
class Phrase:
    """An English template with named gaps and their values, which are sanitized."""

    template: str
    gaps: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.in_language(lambda template: template)

    def in_language(self, translate: Callable[[str], str], fill: Fill = _fill) -> str:
        """Translate the template and phrases in its gaps, and fill the gaps."""
        filled = {
            name: gap.in_language(translate, fill) if isinstance(gap, Phrase) else gap
            for name, gap in self.gaps.items()
        }
        return fill(translate(self.template), filled)


def phrase(template: str, **gaps: object) -> Phrase:
    """Make a phrase. Catalogues find templates by this function's name."""
    return Phrase(template, gaps)


class PhraseError(ValueError):
    """A base class of errors whose message is a phrase."""

    def __init__(self, sentence: Phrase) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


NOTHING = Phrase("")
