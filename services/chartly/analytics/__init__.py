"""Analytics: read-only SQL over datasets, rollups and charts. It writes derived datasets only, and those through storage."""
