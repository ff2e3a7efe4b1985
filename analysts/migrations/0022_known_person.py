from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

FLAGS = {
    "self_generated": "self-generated",
    "sextortion": "sexually coerced extortion",
    "ai_generated": "AI-generated",
    "several_children": "several children",
    "drawn": "virtual or drawn",
    "child_modelling": "child modelling",
    "known_person": "child or suspect known",
}
PLACES = [
    *("not_determined", "web_page", "social_network", "chat", "image_host", "forum", "file_sharing", "newsgroup"),
    *("search_result", "email"),
]
SITES = [
    *("not_determined", "website", "file_host", "image_store", "image_host", "image_board", "forum", "banner_site"),
    *("link_site", "social_network", "redirector", "web_archive", "search_provider", "blog", "messaging"),
    *("hacked_site", "not_applicable"),
]
CODES_KNOWN = models.CheckConstraint(
    condition=models.Q(
        site_type__in=SITES,
        commerciality__in=["not_determined", "commercial", "non_commercial"],
        content_kind__in=["not_determined", "image", "video", "live_stream", "text", "several"],
        found_on__in=PLACES,
        stage__in=["first", "second", "senior"],
        flags__contained_by=list(FLAGS),
        notices__contained_by=["severe", "young", "violence"],
    ),
    name="assessment_codes_known",
)


class Migration(migrations.Migration):
    dependencies = [("analysts", "0021_words_release")]
    operations = [
        migrations.AlterField(
            "assessment",
            "flags",
            ArrayField(
                models.CharField(choices=list(FLAGS.items()), max_length=16),
                blank=True,
                default=list,
                verbose_name="flags",
            ),
        ),
        migrations.RemoveConstraint("assessment", CODES_KNOWN.name),
        AddConstraintNotValid("assessment", CODES_KNOWN),
    ]
