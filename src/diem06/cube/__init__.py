"""From facts to figures: one rollup, one interface (`figures`, `explain`) for every reader."""
