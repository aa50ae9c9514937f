"""The WSGI entry for any server: `diem06.config.wsgi:application`."""

import logging
import os
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "diem06.config.settings")
application = get_wsgi_application()


def _warm() -> None:
    """Compute the boards of the last six periods, so that the first person of the morning does not wait for them."""
    from django.conf import settings
    from django.db import DatabaseError, connection

    from diem06.core.plans.queries import NoPlanError, loaded_plan, periods
    from diem06.cube.closing.record import board_of_record

    try:
        loaded = loaded_plan()
        due = periods(loaded.plan).filter(opens_at__lte=settings.DIEM06_CLOCK()).values_list("code", flat=True)
        for code in list(due)[-7:]:
            board_of_record(loaded, code)
    except (NoPlanError, DatabaseError) as reason:
        logging.getLogger(__name__).info("Boards are not warmed: %s", reason)
    finally:
        connection.close()


threading.Thread(target=_warm, name="warm-boards", daemon=True).start()
