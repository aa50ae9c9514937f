"""The WSGI entry for any server: `diem06.config.wsgi:application`."""

import os
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "diem06.config.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402  they need the settings

from diem06.reports.warming import keep_warm  # noqa: E402  and the apps

if settings.DIEM06_WARM:
    # Not a daemon: a thread that is torn out of DuckDB when the process ends takes it down. It ends when the main thread does.
    threading.Thread(target=keep_warm, name="warm-boards").start()
