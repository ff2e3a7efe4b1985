"""An addressee may be told again once the content moved back to it, and it is kept why somebody else is told.

Not to be reversed once somebody was: the constraint of before would find two referrals of one verdict to one addressee,
and refuses. Restore a backup instead; the reasons would be lost as well.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("analysts", "0021_answers_known_again"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="referral",
            name="referral_once_a_verdict",
        ),
        # Owners, registrars and platforms are asked as well.
        migrations.AlterField(
            model_name="referral",
            name="kind",
            field=models.CharField(
                choices=[
                    ("takedown", "takedown requested"),
                    ("hotline", "referred to a hotline"),
                    ("police", "referred to the police"),
                    ("url_list", "put on the URL list"),
                ],
                max_length=8,
                verbose_name="kind",
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="reason",
            field=models.CharField(blank=True, max_length=200, verbose_name="reason"),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("assessment", "kind", "addressee", "to"),
                name="referral_once_a_verdict",
                nulls_distinct=False,
            ),
        ),
    ]
