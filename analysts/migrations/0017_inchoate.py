from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

SEVERITIES = [
    ("A", "A: penetrative, animal or sadism"),
    ("B", "B: non-penetrative"),
    ("C", "C: other indecent"),
    ("P", "Prohibited: non-photographic"),
    ("I", "Inchoate: text or links that assist an offence"),
]
AGES = ["0-2", "3-6", "7-10", "11-13", "14-15", "16-17"]
SEXES = ["girls", "boys", "both", "not_identifiable"]
REASONS = [
    *("content_not_found", "referrer_wrong", "unable_to_access", "password_protected", "account_disabled"),
    *("legally_unable", "link_expired", "site_down", "temporarily_down", "premium_needed", "missing_parts"),
    *("removed_before", "adult", "not_sexualised", "below_threshold", "too_small", "virtual", "link_list"),
    *("age_unclear", "age_over", "other"),
]
Q = models.Q
CLASSIFIED = models.CheckConstraint(
    condition=Q(verdict="illegal", severity__in=["A", "B", "C", "P"], age_band__in=AGES, sex__in=SEXES, reason="")
    | Q(verdict="illegal", severity__in=["I"], age_band="", sex="", reason="")
    | (~Q(verdict="illegal") & Q(severity="", age_band="", sex="", reason__in=REASONS)),
    name="assessment_classified_or_reasoned",
    violation_error_message=(
        "An illegal verdict needs a severity, with age and sex if a child is shown; any other verdict needs a reason."
    ),
)


SEVERITY = models.CharField("severity", max_length=1, choices=SEVERITIES, blank=True)


class Migration(migrations.Migration):
    dependencies = [("analysts", "0016_compared_addresses")]
    operations = [
        migrations.AlterField("assessment", "severity", SEVERITY),
        migrations.AlterField("incident", "severity", SEVERITY.clone()),
        migrations.RemoveConstraint("assessment", CLASSIFIED.name),
        AddConstraintNotValid("assessment", CLASSIFIED),
    ]
