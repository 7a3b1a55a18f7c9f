"""The error of a failed delivery."""

from presence_tui.domain.translatable import Phrase


class DeliveryError(Exception):
    """An alert could not be delivered. The sentence contains no secret."""

    def __init__(self, sentence: Phrase) -> None:
        self.sentence = sentence
        super().__init__(str(sentence))
