"""The sentences that a verified recipient may read, for its inbox."""

from collections.abc import Iterator

from analysts.incidents import contents
from analysts.models import Recipient, WordsRelease


def released_sentences(to: Recipient) -> Iterator[tuple[WordsRelease, str]]:
    """The sentences released to the recipient with their text, the oldest first. Opening them is for the caller to
    record."""
    for release in WordsRelease.objects.released_to(to).select_related("incident"):
        if text := contents.inbox_words(release):
            yield release, text
