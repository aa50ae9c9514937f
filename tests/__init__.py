"""What crosses rooms: journeys in a browser, the access table, faults, a second plan."""
