"""The connector hub: the only service that talks to upstreams. It stores their pages unchanged, and never reads what a record means."""
