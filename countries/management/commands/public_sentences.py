"""`manage.py public_sentences`: every sentence of the public pages once, to be read and reviewed in one sitting."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from countries.staff.translation.sentences import public_sentences, reading_minutes
from countries.words.sources import SOURCE, language_tags


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
        self.stdout.write(f"\n{len(sentences)} sentences, about {reading_minutes(sentences)} minutes to read aloud.")
