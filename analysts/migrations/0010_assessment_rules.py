"""What is known of older assessments filled in; an assessment can be taken back and nothing else; open keys only."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

# Each assessment so far was a round of its own; the one that stands tells what to expect of the incident.
FILL_IN = """
    UPDATE analysts_assessment SET round = numbered.round, payment = numbered.payment
    FROM (
        SELECT id, row_number() OVER (PARTITION BY incident_id ORDER BY at) AS round,
            CASE commerciality WHEN 'commercial' THEN 'not_determined' ELSE '' END AS payment
        FROM analysts_assessment
    ) AS numbered
    WHERE numbered.id = analysts_assessment.id;

    UPDATE analysts_incident SET
        round = latest.round + (analysts_incident.state IN ('waiting', 'claimed'))::int,
        severity = CASE WHEN analysts_incident.state IN ('waiting', 'claimed') THEN '' ELSE latest.severity END,
        notices = CASE latest.severity WHEN 'A' THEN ARRAY['severe'] ELSE ARRAY[]::varchar[] END
    FROM (
        SELECT DISTINCT ON (incident_id) incident_id, round, severity
        FROM analysts_assessment ORDER BY incident_id, at DESC
    ) AS latest
    WHERE latest.incident_id = analysts_incident.id;
"""

KEPT_AS_MADE = """
    CREATE FUNCTION analysts_refuse_changed_assessment() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND OLD.undone_at IS NULL
            AND to_jsonb(NEW) - '{undone_at,undone_by_id,undo_reason}'::text[]
                = to_jsonb(OLD) - '{undone_at,undone_by_id,undo_reason}'::text[]
        THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'an assessment is taken back, never changed or deleted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'assessment_kept_as_made';
    END
    $$;
    CREATE TRIGGER assessment_kept_as_made BEFORE UPDATE OR DELETE ON analysts_assessment
        FOR EACH ROW EXECUTE FUNCTION analysts_refuse_changed_assessment();
"""
CHANGEABLE = """
    DROP TRIGGER assessment_kept_as_made ON analysts_assessment;
    DROP FUNCTION analysts_refuse_changed_assessment();
"""

OPEN_KEYS = """
    CREATE TRIGGER note_key_open AFTER INSERT OR UPDATE OF key_id ON analysts_note
        FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();
    CREATE TRIGGER draft_key_open AFTER INSERT OR UPDATE OF key_id ON analysts_draft
        FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();
"""
ANY_KEYS = """
    DROP TRIGGER note_key_open ON analysts_note;
    DROP TRIGGER draft_key_open ON analysts_draft;
"""


class Migration(migrations.Migration):
    dependencies = [("analysts", "0009_assessment_by_several")]

    operations = [
        migrations.RunSQL(FILL_IN, migrations.RunSQL.noop),
        # Two of the rules are younger than some assessments, which are never changed.
        AddConstraintNotValid(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reason", ""),
                    models.Q(
                        (
                            "reason__in",
                            [
                                "adult",
                                "age_over",
                                "age_unclear",
                                "below_threshold",
                                "link_list",
                                "not_sexualised",
                                "other",
                                "too_small",
                                "virtual",
                            ],
                        ),
                        ("verdict", "not_illegal"),
                    ),
                    models.Q(
                        (
                            "reason__in",
                            [
                                "account_disabled",
                                "age_unclear",
                                "content_not_found",
                                "legally_unable",
                                "link_expired",
                                "missing_parts",
                                "other",
                                "password_protected",
                                "premium_needed",
                                "referrer_wrong",
                                "removed_before",
                                "site_down",
                                "temporarily_down",
                                "too_small",
                                "unable_to_access",
                            ],
                        ),
                        ("verdict", "not_assessed"),
                    ),
                    models.Q(
                        (
                            "reason__in",
                            ["adult", "age_over", "below_threshold", "link_list", "not_sexualised", "other", "virtual"],
                        ),
                        ("verdict", "outside_remit"),
                    ),
                    _connector="OR",
                ),
                name="assessment_reason_of_verdict",
                violation_error_message="This reason does not go with this verdict.",
            ),
        ),
        AddConstraintNotValid(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("severity", "P"), _negated=True), ("flags__contains", ["drawn"]), _connector="OR"
                ),
                name="assessment_prohibited_is_drawn",
                violation_error_message="Prohibited images are not photographs: flag them as virtual or drawn.",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("commerciality", "commercial"),
                        (
                            "payment__in",
                            ["not_determined", "card", "crypto", "transfer", "mobile", "voucher", "service", "points"],
                        ),
                    ),
                    models.Q(models.Q(("commerciality", "commercial"), _negated=True), ("payment", "")),
                    _connector="OR",
                ),
                name="assessment_payment_if_commercial",
                violation_error_message="A kind of payment belongs to what is commercial, and to nothing else.",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("commerciality__in", ["not_determined", "commercial", "non_commercial"]),
                    ("content_kind__in", ["not_determined", "image", "video", "live_stream", "text", "several"]),
                    (
                        "flags__contained_by",
                        [
                            "self_generated",
                            "sextortion",
                            "ai_generated",
                            "several_children",
                            "drawn",
                            "child_modelling",
                        ],
                    ),
                    (
                        "found_on__in",
                        [
                            "not_determined",
                            "web_page",
                            "social_network",
                            "chat",
                            "image_host",
                            "forum",
                            "file_sharing",
                            "newsgroup",
                            "search_result",
                            "email",
                        ],
                    ),
                    ("look__in", ["first", "second", "senior"]),
                    ("notices__contained_by", ["severe", "young", "violence"]),
                    (
                        "site_type__in",
                        [
                            "not_determined",
                            "website",
                            "file_host",
                            "image_store",
                            "image_host",
                            "image_board",
                            "forum",
                            "banner_site",
                            "link_site",
                            "social_network",
                            "redirector",
                            "web_archive",
                            "search_provider",
                            "blog",
                            "messaging",
                            "hacked_site",
                            "not_applicable",
                        ],
                    ),
                ),
                name="assessment_codes_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("undo_reason", ""), ("undone_at__isnull", True), ("undone_by__isnull", True)),
                    models.Q(
                        ("undo_reason__in", ["slip", "other_incident", "looked_again", "advice"]),
                        ("undone_at__isnull", False),
                        ("undone_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="assessment_undone_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at", None)),
                fields=("incident", "round", "look"),
                name="assessment_once_a_look",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at", None)),
                fields=("incident", "round", "by"),
                name="assessment_once_a_person",
            ),
        ),
        migrations.RunSQL(KEPT_AS_MADE, CHANGEABLE),
        migrations.RunSQL(OPEN_KEYS, ANY_KEYS),
    ]
