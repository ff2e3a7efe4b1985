"""`manage.py compare_migrations`: whether the database has the tables of this release, before it is run."""

from django.core.management.base import BaseCommand, CommandError

from portal_site.database.applied_migrations import TOO_OLD, compare_migrations


class Command(BaseCommand):
    help = (
        "Compare the migrations recorded in the database with those of this release. The exit status is 1 if either "
        "has one that the other lacks. Run the command of the release to which you want to go back."
    )

    def handle(self, *args: object, **options: object) -> None:
        difference = compare_migrations()
        if difference.unknown:
            self.stdout.write(f"Applied, but unknown to this release: {', '.join(difference.unknown)}.")
            self.stdout.write("To undo them, with the code of the release that made them:")
            for app, name in difference.back_to.items():
                self.stdout.write(f"  deploy/manage owner migrate {app} {name}")
        if difference.missing:
            self.stdout.write(f"Of this release, but not applied: {', '.join(difference.missing)}.")
            self.stdout.write(TOO_OLD if difference.is_too_old else "To apply them: deploy/manage owner migrate")
        if difference.unknown or difference.missing:
            raise CommandError("The tables are not those of this release: do not run it with this database.")
        self.stdout.write("The tables are those of this release.")
