"""The product's settings, with a toy app that supplies evidenced and imported facts, as later pilots will."""

from diem06.config.settings import *  # noqa: F403
from diem06.config.settings import INSTALLED_APPS

INSTALLED_APPS = ["tests.toy", *INSTALLED_APPS]

# Argon2 at full cost would take most of the time of tests that make a province of people.
PASSWORD_HASHERS = ["tests.hashers.CheapArgon2", *PASSWORD_HASHERS]  # noqa: F405
