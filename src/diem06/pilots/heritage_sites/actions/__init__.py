"""Writes of the pilot: `register` (sites, capacity, rules, festivals, equipment, the base list)."""
