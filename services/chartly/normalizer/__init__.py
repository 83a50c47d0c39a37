"""The normalizer: compiled plans over raw bytes, on local threads or Ray actors. It keeps nothing but compiled plans."""
