from django.db import migrations, models
from django.db.models import PROTECT, Q

ABOUT = ("portal", "account", "group", "service", "language", "setting", "source", "log_id")


def about_one_of(names: tuple[str, ...]) -> Q:
    return Q(
        *(Q(**{name: None for name in names if name != one}, **{f"{one}__isnull": False}) for one in names),
        _connector=Q.OR,
    )


class Migration(migrations.Migration):
    dependencies = [("countries", "0011_sources"), ("audit", "0004_log_ids")]
    operations = [
        migrations.AddField(
            "approvalrequest",
            "log_id",
            models.ForeignKey(
                "audit.logid",
                PROTECT,
                blank=True,
                null=True,
                related_name="approval_requests",
                verbose_name="id in the audit log",
            ),
        ),
        migrations.RemoveConstraint("approvalrequest", "approval_request_about_one"),
        migrations.AddConstraint(
            "approvalrequest",
            models.CheckConstraint(condition=about_one_of(ABOUT), name="approval_request_about_one"),
        ),
        migrations.AddConstraint(
            "approvalrequest",
            models.UniqueConstraint(
                condition=Q(state="requested"), fields=["log_id"], name="approval_request_one_waiting_for_log_id"
            ),
        ),
    ]
