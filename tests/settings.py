"""The product's settings, with a toy app that supplies evidenced and imported facts, as later pilots will."""

from diem06.config.settings import *  # noqa: F403
from diem06.config.settings import INSTALLED_APPS

INSTALLED_APPS = ["tests.toy", *INSTALLED_APPS]
