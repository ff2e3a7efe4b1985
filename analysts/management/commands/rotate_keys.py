"""`manage.py rotate_keys KEY_ID`: replace a sealing key whose private half may be compromised."""

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analysts.retention import erasure, resealing
from reports import keys


class Command(BaseCommand):
    help = (
        "Replace a compromised sealing key: create another one of its class and month, close the old one, and reseal "
        "the data that must be kept. Run it again to continue an interrupted run. The fingerprint key cannot be "
        "replaced: see docs/guides/keys-and-erasure.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("key_id")
        parser.add_argument(
            "--destroy-now",
            action="store_true",
            help="Destroy the old key in this run, without waiting for a backup of the resealed data.",
        )

    def handle(self, *args: object, key_id: str, destroy_now: bool, **options: object) -> None:
        now = timezone.now()
        try:
            successor = erasure.rotate_key(key_id, now=now, at_once=destroy_now)
        except erasure.CannotRotate:
            raise CommandError(f"There is no key {key_id} that can be replaced.") from None
        except erasure.UnderWay:
            raise CommandError("Another run is in progress. Try again when it has ended.") from None
        except resealing.InUse:
            raise CommandError("Data sealed with this key is in use. Run this again in a minute.") from None
        except keys.KeyMissing:
            raise CommandError(
                f"The private half of {key_id} is missing: data sealed with it cannot be resealed."
            ) from None
        end = (
            "The old key is destroyed."
            if destroy_now
            else f"tend_keys destroys the old key in {settings.KEY_REST_DAYS} days."
        )
        self.stdout.write(
            f"{key_id} is closed; {successor} seals from now on. Data that must be kept has been resealed. {end}\n"
            "Next: mirror the keyring's folder `public`, including deletions, to every public server (until then they "
            "refuse reports and say so), and back up the database.\n"
            "Anyone who has the old key can still read copies of data sealed with it, including old backups."
        )
