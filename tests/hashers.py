"""The product's way of hashing passwords, made cheap: people of tests have passwords that nobody guards."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class CheapArgon2(Argon2PasswordHasher):
    time_cost = 1
    memory_cost = 8
    parallelism = 1
