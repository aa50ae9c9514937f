"""A unit's report that came by mail as a Word file: read, proposed, confirmed by its reporter."""
