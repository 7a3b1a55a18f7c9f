"""Translatable sentences: English templates with values, rendered in the user's language.

Lower layers return phrases instead of finished text, so that a front end can look up the template in its
catalogue and fill in the same values.
"""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Phrase:
    """A template in English, with named gaps, and what fills them. Fillings are already safe to show."""

    template: str
    gaps: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.in_language(lambda template: template)

    def in_language(self, translate: Callable[[str], str]) -> str:
        """The sentence with its template translated; a phrase in a gap is translated as well."""
        filled = {
            name: gap.in_language(translate) if isinstance(gap, Phrase) else gap
            for name, gap in self.gaps.items()
        }
        return translate(self.template).format(**filled)


def phrase(template: str, **gaps: object) -> Phrase:
    """A phrase. Catalogues collect its template by this function's name."""
    return Phrase(template, gaps)


NOTHING = Phrase("")
