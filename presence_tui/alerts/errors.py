"""An alert that could not be delivered."""

from presence_tui.domain.translatable import Phrase


class DeliveryError(Exception):
    """Why, in a sentence for people, which repeats no secret."""

    def __init__(self, sentence: Phrase) -> None:
        self.sentence = sentence
        super().__init__(str(sentence))
