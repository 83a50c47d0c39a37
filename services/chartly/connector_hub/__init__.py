"""The connector hub: the only service that talks to upstreams. It stores what they give, and never reads what a record means."""
