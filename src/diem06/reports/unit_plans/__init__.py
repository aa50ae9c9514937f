"""
The units' own implementation plans (O.1): the document, its tasks with owner and last day, and how far each is.

Whether a plan came in time is a fact about the unit (see `actions.record_unit_plan` of the room above); what is done of it is
recorded here, task by task, by who does it.
"""
