"""The reporter: joins, correlations, charts and exports over datasets at fixed versions, each with a manifest that proves it."""
