"""From facts to figures: one rollup, one interface (`figures`, `behind`) for every reader."""
