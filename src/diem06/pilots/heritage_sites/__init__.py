"""Relic and tourist sites: who keeps which, what stands at their gates, who is there now (clause A.6 of the plan of Bắc Giang)."""
