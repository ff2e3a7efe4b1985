"""`manage.py rotate_keys KEY_ID`: when a private key may be in somebody else's hands."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analysts.retention import erasure, resealing
from reports import keys


class Command(BaseCommand):
    help = (
        "Replace a compromised sealing key: make another of its class and month, close the old one, seal anew what "
        "must be kept. Run again, it goes on where it was cut short. The fingerprint key cannot be replaced: "
        "see docs/guides/keys-and-erasure.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("key_id")
        parser.add_argument(
            "--destroy-now",
            action="store_true",
            help="Destroy the old key in this run, without waiting for a backup of what was sealed anew.",
        )

    def handle(self, *args: Any, key_id: str, destroy_now: bool, **options: Any) -> None:
        now = timezone.now()
        try:
            successor = erasure.rotate_key(key_id, now=now, at_once=destroy_now)
        except erasure.CannotRotate:
            raise CommandError(f"There is no key {key_id} that could be replaced.") from None
        except erasure.UnderWay:
            raise CommandError("Another run is at work. Try again when it has ended.") from None
        except resealing.InUse:
            raise CommandError("Something under the key is being worked on. Run this again in a minute.") from None
        except keys.KeyMissing:
            raise CommandError(
                f"The private half of {key_id} is missing: what lies under it cannot be sealed anew."
            ) from None
        end = "It is destroyed." if destroy_now else f"tend_keys destroys it in {settings.KEY_REST_DAYS} days."
        self.stdout.write(
            f"{key_id} takes nothing new; {successor} seals now. What must be kept is sealed anew. {end}\n"
            "Now: mirror the keyring's folder `public`, deletions included, to every public server (until then they "
            "refuse reports and say so), and make a backup of the database.\n"
            "Whoever has the old key still reads whatever they have copied that was sealed to it, old backups included."
        )
