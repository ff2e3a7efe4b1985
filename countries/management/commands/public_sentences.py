"""`manage.py public_sentences`: every sentence of the public pages once, to be read and reviewed in one sitting."""

import re
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.management.base import BaseCommand

from countries.words.sources import SOURCE, is_public_place, language_tags, read_catalogue

# After the marks that end a sentence in Latin, Arabic and Devanagari script.
_SENTENCE_END = re.compile(r"(?<=[.!?؟۔।])\s+")
WORDS_PER_MINUTE = 200


@dataclass(frozen=True, slots=True)
class PublicSentence:
    """A sentence of `place`, a source file. `english`: the text that it translates, "" for the source itself."""

    place: str
    text: str
    english: str = ""


def public_sentences(tag: str) -> list[PublicSentence]:
    """All sentences of the language, each once, where it is first used. Untranslated texts are left out.

    English is split into sentences. A translation stays one text, beside the English text that it translates.
    """
    sentences: dict[str, PublicSentence] = {}
    for place, english, translation in sorted(_public_messages(tag)):
        parts = split_text(english) if tag == SOURCE else [translation]
        for part in filter(None, parts):
            sentences.setdefault(part, PublicSentence(place, part, "" if tag == SOURCE else english))
    return list(sentences.values())


def split_text(text: str) -> list[str]:
    return _SENTENCE_END.split(" ".join(text.split()))


def _public_messages(tag: str) -> Iterator[tuple[str, str, str]]:
    """(place, English, translation) of each public message; of one that counts, its last form."""
    for language in (
        [language_tag for language_tag in language_tags() if language_tag != SOURCE] if tag == SOURCE else [tag]
    ):
        for message in read_catalogue(language):
            places = sorted(place for place, _line in message.locations if is_public_place(place))
            if message.id and places:
                yield places[0], _last_form(message.id), "" if message.fuzzy else _last_form(message.string or "")


def _last_form(forms: str | list[str] | tuple[str, ...]) -> str:
    return forms if isinstance(forms, str) else forms[-1]


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--language", choices=language_tags(), default=SOURCE, help="with the English text below each translation"
        )

    def handle(self, *args: object, language: str, **options: object) -> None:
        sentences = public_sentences(language)
        place = ""
        for number, sentence in enumerate(sentences, 1):
            if sentence.place != place:
                place = sentence.place
                self.stdout.write(f"\n{place}")
            self.stdout.write(f"{number:5}  {sentence.text}")
            if sentence.english:
                self.stdout.write(f"       {sentence.english}")
        minutes = max(1, round(sum(len(sentence.text.split()) for sentence in sentences) / WORDS_PER_MINUTE))
        self.stdout.write(f"\n{len(sentences)} sentences, about {minutes} minutes to read aloud.")
