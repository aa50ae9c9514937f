"""The pilots: one folder each, alike in their parts. docs/how-to/add-a-pilot.md says how another one is added."""
