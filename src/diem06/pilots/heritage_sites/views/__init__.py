"""Pages of the pilot: `register` (the register of sites)."""
