"""The worker: leases tasks, executes them by calling services, and reports outcomes. What follows is the orchestrator's decision."""
