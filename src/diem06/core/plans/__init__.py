"""Loaded plans, their periods and who owes what in each."""
