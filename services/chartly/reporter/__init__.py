"""Makes reports: joins, correlations and charts over datasets at fixed versions, and exports with a manifest of their hashes."""
