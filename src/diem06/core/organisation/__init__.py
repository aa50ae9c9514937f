"""Who works on a plan: units with their dated names, people, the roles that people hold in units; sign-in."""
