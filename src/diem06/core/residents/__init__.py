"""People outside the offices: for now, how their numbers and names are kept sealed."""
