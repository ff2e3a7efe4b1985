import uuid

from django.conf import settings
from django.db import migrations, models
from django.db.models import PROTECT, Q

REASONS = {
    "law": "the law of the country does not cover it",
    "remit": "it is outside our remit, but harmful",
    "no_recipient": "there was no recipient to notify",
    "no_removal": "those notified do not act",
    "access": "the content could not be reached (login, closed group)",
    "report": "the report said too little",
    "time": "it was assessed or passed on too late",
    "tools": "our rules or this product did not allow it",
}
ANSWERS = {
    "changed": "we change how we work",
    "raised": "raised with the police, a partner or a provider",
    "possible": "action is possible: take the case up again",
    "nothing": "nothing can be done at present",
}


class Migration(migrations.Migration):
    dependencies = [("analysts", "0046_gauge_of_notified")]
    operations = [
        migrations.CreateModel(
            name="SystemicCase",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("reason", models.CharField("reason", choices=list(REASONS.items()), max_length=12)),
                ("note", models.CharField("sentence", blank=True, max_length=200)),
                ("sent_at", models.DateTimeField("sent at")),
                ("answer", models.CharField("answer", blank=True, choices=list(ANSWERS.items()), max_length=12)),
                ("answer_note", models.CharField("sentence of the answer", blank=True, max_length=200)),
                ("answered_at", models.DateTimeField("answered at", blank=True, null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL, PROTECT, blank=True, db_index=False, null=True, related_name="+"
                    ),
                ),
                ("incident", models.ForeignKey("analysts.incident", PROTECT, related_name="systemic_cases")),
                ("sent_by", models.ForeignKey(settings.AUTH_USER_MODEL, PROTECT, db_index=False, related_name="+")),
            ],
            options={
                "verbose_name": "systemic case",
                "verbose_name_plural": "systemic cases",
                "default_permissions": (),
                "indexes": [
                    models.Index(condition=Q(answer=""), fields=["sent_at", "id"], name="systemic_case_waiting"),
                    models.Index(fields=["sent_by", "-sent_at"], name="systemic_case_of_person"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=Q(reason__in=list(REASONS)), name="systemic_case_reason_known"),
                    models.CheckConstraint(
                        condition=Q(answer="", answer_note="", answered_by=None, answered_at=None)
                        | Q(answer__in=list(ANSWERS), answered_by__isnull=False, answered_at__isnull=False),
                        name="systemic_case_answered_in_full",
                    ),
                ],
            },
        )
    ]
