"""The normalizer: compiled plans over raw bytes, on local threads or Ray actors. It stores nothing; it only caches compiled plans."""
