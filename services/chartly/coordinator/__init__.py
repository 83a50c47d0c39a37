"""The work queue and the drones that take from it. It doesn't know what work means; the orchestrator and drones do."""
