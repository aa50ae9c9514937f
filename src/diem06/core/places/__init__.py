"""What every place shares: kind, code, name, area and unit over time, hours, and the base lists that say which are in scope."""
