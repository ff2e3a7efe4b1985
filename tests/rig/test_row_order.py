import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection


@pytest.mark.django_db
def test_rows_without_order_come_last_first() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM django_content_type")
        stored = [number for [number] in cursor.fetchall()]
    assert len(stored) > 10
    assert list(ContentType.objects.values_list("pk", flat=True)) == stored[::-1]
    assert list(ContentType.objects.order_by("pk").values_list("pk", flat=True)) == sorted(stored)
