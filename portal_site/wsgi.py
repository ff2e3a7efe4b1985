"""The entry point for gunicorn."""

import gc
import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from django.db import connections

# Nothing that is loaded here is ever garbage: not searched for now, nor in the workers that share it.
gc.disable()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal_site.settings")
try:
    application = get_wsgi_application()
except ImproperlyConfigured as error:
    sys.exit(str(error))

from countries.public import published  # noqa: E402 - models can be imported only now
from reports.safety import in_crisis  # noqa: E402 - the same

if settings.SURFACE != "sources":
    # That surface has no pages, and its role may not read them.
    published.warm_cache()
if settings.PUBLIC:
    # Reads the words of crisis before the first reporter waits for them.
    in_crisis("")
# The workers that are forked next must not share a connection.
connections.close_all()
gc.freeze()
# A staff page makes tens of thousands of objects and hardly a cycle: to search after each two thousand was a tenth.
gc.set_threshold(50_000, 20, 50)
gc.enable()
