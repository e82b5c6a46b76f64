"""Django's WSGI application, which the front calls for everything that is not asynchronous."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "podium.server.settings")

application = get_wsgi_application()
