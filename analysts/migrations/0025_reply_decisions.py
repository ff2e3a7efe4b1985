import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("analysts", "0024_takedowns_of_host"),
        ("reports", "0002_rules"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="reply",
            name="reply_kind_known",
        ),
        migrations.AddField(
            model_name="reply",
            name="action",
            field=models.CharField(
                blank=True,
                choices=[
                    ("removed", "We removed it."),
                    ("blocked", "We blocked it in some countries."),
                    ("limited", "We made it harder to find or to see."),
                    ("account", "We closed the account."),
                    ("no_action", "We did nothing about it."),
                ],
                max_length=12,
                verbose_name="what was done",
            ),
        ),
        migrations.AddField(
            model_name="reply",
            name="entered_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="reply",
            name="ground",
            field=models.CharField(
                blank=True,
                choices=[("law", "On the law"), ("terms", "On our own rules")],
                max_length=8,
                verbose_name="ground",
            ),
        ),
        migrations.AddField(
            model_name="reply",
            name="is_automated",
            field=models.BooleanField(blank=True, null=True, verbose_name="decided by a machine alone"),
        ),
        migrations.AddField(
            model_name="reply",
            name="redress_told",
            field=models.BooleanField(blank=True, null=True, verbose_name="user informed of redress"),
        ),
        migrations.AlterField(
            model_name="reply",
            name="kind",
            field=models.CharField(
                choices=[
                    ("acknowledged", "We have received it and will look into it."),
                    ("removed", "We have removed it."),
                    ("decided", "We have decided what to do. (Please fill in the next part.)"),
                    ("not_ours", "It is not hosted with us."),
                    ("need_more", "We need more from you."),
                    ("contested", "We contest it."),
                ],
                max_length=12,
                verbose_name="kind",
            ),
        ),
        # What the kind of an earlier reply implies.
        migrations.RunSQL(
            ["UPDATE analysts_reply SET action = 'removed' WHERE kind = 'removed'"],
            ["UPDATE analysts_reply SET kind = 'need_more' WHERE kind = 'decided'"],
        ),
        migrations.AddIndex(
            model_name="reply",
            index=models.Index(fields=["received_hour"], name="reply_received"),
        ),
        migrations.AddConstraint(
            model_name="reply",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["acknowledged", "removed", "decided", "not_ours", "need_more", "contested"])
                ),
                name="reply_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="reply",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind__in", ["acknowledged", "removed", "decided", "not_ours", "need_more", "contested"]),
                        _negated=True,
                    ),
                    models.Q(("action__in", [""]), ("kind", "acknowledged")),
                    models.Q(("action__in", ["removed", "account"]), ("kind", "removed")),
                    models.Q(
                        ("action__in", ["removed", "blocked", "limited", "account", "no_action"]), ("kind", "decided")
                    ),
                    models.Q(("action__in", [""]), ("kind", "not_ours")),
                    models.Q(("action__in", [""]), ("kind", "need_more")),
                    models.Q(
                        ("action__in", ["removed", "blocked", "limited", "account", "no_action", ""]),
                        ("kind", "contested"),
                    ),
                    _connector="OR",
                ),
                name="reply_action_fits_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="reply",
            constraint=models.CheckConstraint(
                condition=models.Q(("ground__in", ["", "law", "terms"])), name="reply_ground_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="reply",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("action", ""), _negated=True),
                    models.Q(("ground", ""), ("is_automated", None), ("redress_told", None)),
                    _connector="OR",
                ),
                name="reply_details_of_an_action",
            ),
        ),
    ]
