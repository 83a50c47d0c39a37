"""The connector hub against real HTTP servers on loopback."""
