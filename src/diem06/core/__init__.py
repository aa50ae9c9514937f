"""The named rooms that everything above stands on; their order is in docs/architecture.md."""
