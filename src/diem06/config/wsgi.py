"""The WSGI entry for any server: `diem06.config.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "diem06.config.settings")
application = get_wsgi_application()
