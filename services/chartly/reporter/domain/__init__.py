"""What a report asks, what it says and what proves it. Pure: nothing is queried, drawn or stored here."""
