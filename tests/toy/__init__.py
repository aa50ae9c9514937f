"""A pilot in small: meals counted at the counter (evidenced), a file of another system (imported)."""
