"""The SQL, the result and the manifest of a report. Pure: nothing is queried, drawn or stored here."""
