"""The pages about the plan itself: what changed it, milestones, plans read from documents."""
