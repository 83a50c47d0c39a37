"""The work queue, and the drones that lease from it. It does not read tasks; the orchestrator and the drones do."""
