"""Reads of the pilot: `register` (sites, capacity, rules, festivals, equipment)."""
