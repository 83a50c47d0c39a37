"""The hub's rules without I/O: connector profiles, egress policy, cursors, the circuit breaker, the bounds of the inbox."""
