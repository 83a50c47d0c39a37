"""Types of steps as workflow documents name them. A task of the work queue has the name of the step type that asks for it."""

SYNC, NORMALIZE, WRITE, ANALYTICS = "connector_sync", "normalize", "write_dataset", "analytics_query"
REPROCESS_PLAN, REPROCESS_NORMALIZE = "reprocess_plan", "reprocess_normalize"
REPROCESS_COMPARE, REPROCESS_APPLY = "reprocess_diff", "reprocess_apply"
