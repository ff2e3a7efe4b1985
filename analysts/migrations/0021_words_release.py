import uuid
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

GROUNDS = {
    "portal": "the portal’s privacy page and form say so",
    "threat": "danger to life: a person is threatened with death or serious harm",
    "self_harm": "danger to life: a person may take their own life",
    "medical": "danger to life: a child needs medical help at once",
    "missing": "danger to life: a missing child is in the hands of an offender",
}
# The sentence is never changed but by erasure and sealing again, and a decision is final.
RULES = """
    CREATE FUNCTION analysts_refuse_unannounced_release() RETURNS trigger
        LANGUAGE plpgsql
        AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND (
                OLD.decided_at IS NOT NULL AND NEW.is_released IS DISTINCT FROM OLD.is_released
                OR (NEW.incident_id, NEW.report_id, NEW.to_id, NEW.ground, NEW.by_id, NEW.at)
                    IS DISTINCT FROM (OLD.incident_id, OLD.report_id, OLD.to_id, OLD.ground, OLD.by_id, OLD.at)
            ) THEN
                RAISE EXCEPTION 'a release of words is decided once, and never changed'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'words_release_kept_as_made';
            END IF;
            IF NEW.ground = 'portal' AND (TG_OP = 'INSERT' OR NEW.is_released AND NOT OLD.is_released) AND NOT EXISTS (
                SELECT FROM analysts_report AS report JOIN countries_portal AS portal ON portal.id = report.portal_id
                WHERE report.receipt_id = NEW.report_id
                    AND (report.received_hour AT TIME ZONE 'UTC')::date >= portal.words_release_from
            ) THEN
                RAISE EXCEPTION 'its portal had not announced the release of words'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'words_release_announced';
            END IF;
            RETURN NEW;
        END
        $$;
    CREATE TRIGGER words_release_announced BEFORE INSERT OR UPDATE ON analysts_wordsrelease
        FOR EACH ROW EXECUTE FUNCTION analysts_refuse_unannounced_release();
    CREATE TRIGGER second_person_vouched_for BEFORE INSERT OR UPDATE ON analysts_wordsrelease
        FOR EACH ROW EXECUTE FUNCTION analysts_refuse_second_person('decided_by_id');
    CREATE TRIGGER wordsrelease_key_open AFTER INSERT OR UPDATE OF key_id ON analysts_wordsrelease
        FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();
"""
NO_RULES = """
    DROP TRIGGER wordsrelease_key_open ON analysts_wordsrelease;
    DROP TRIGGER second_person_vouched_for ON analysts_wordsrelease;
    DROP TRIGGER words_release_announced ON analysts_wordsrelease;
    DROP FUNCTION analysts_refuse_unannounced_release();
"""
PROTECT = django.db.models.deletion.PROTECT


PERSON: Any = {"to": settings.AUTH_USER_MODEL, "on_delete": PROTECT, "related_name": "+", "db_index": False}


class Migration(migrations.Migration):
    dependencies = [
        ("analysts", "0020_readable_traces"),
        ("countries", "0010_words_release"),
        ("reports", "0003_further_look"),
    ]
    operations = [
        migrations.CreateModel(
            "WordsRelease",
            [
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "incident",
                    models.ForeignKey("analysts.incident", PROTECT, related_name="words_releases", db_index=False),
                ),
                ("report", models.ForeignKey("analysts.report", PROTECT, related_name="words_releases")),
                ("to", models.ForeignKey("analysts.recipient", PROTECT, related_name="+", db_index=False)),
                ("ground", models.CharField("ground", max_length=12, choices=list(GROUNDS.items()))),
                ("by", models.ForeignKey(**PERSON)),
                ("at", models.DateTimeField("at")),
                ("decided_by", models.ForeignKey(**PERSON, null=True, blank=True)),
                ("decided_at", models.DateTimeField("decided at", blank=True, null=True)),
                ("is_released", models.BooleanField("released", default=False)),
                ("key", models.ForeignKey("reports.sealingkey", PROTECT, related_name="+", db_index=False)),
                ("sealed", models.BinaryField(default=b"")),
            ],
            {
                "verbose_name": "release of words",
                "verbose_name_plural": "releases of words",
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["incident", "at"], name="words_release_of_incident"),
                    models.Index(fields=["key", "id"], name="words_release_readable", condition=~Q(sealed=b"")),
                    models.Index(fields=["to", "decided_at"], name="words_released_to", condition=Q(is_released=True)),
                ],
                "constraints": [
                    models.CheckConstraint(condition=Q(ground__in=list(GROUNDS)), name="words_release_ground_known"),
                    models.CheckConstraint(
                        condition=Q(decided_by=None, decided_at=None, is_released=False)
                        | Q(decided_by__isnull=False, decided_at__isnull=False),
                        name="words_release_decided_by_person",
                    ),
                    models.CheckConstraint(
                        condition=Q(is_released=False) | ~Q(decided_by=F("by")), name="words_release_by_two_people"
                    ),
                ],
            },
        ),
        migrations.RunSQL(RULES, NO_RULES),
    ]
