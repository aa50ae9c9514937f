"""The product's settings, with a toy app that supplies evidenced and imported facts, as later pilots will."""

from diem06.config.settings import *  # noqa: F403
from diem06.config.settings import INSTALLED_APPS

INSTALLED_APPS = ["tests.toy", *INSTALLED_APPS]

# People of tests have passwords that nobody guards; Argon2 would take most of the suite's time.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]  # noqa: F405
