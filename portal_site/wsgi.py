"""The entry point for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal_site.settings")
application = get_wsgi_application()

from countries.public import published  # noqa: E402 - models can be imported only now

published.warm_cache()
# The workers that are forked next must not share a connection.
connections.close_all()
