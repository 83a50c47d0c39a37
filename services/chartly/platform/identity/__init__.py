"""Who may do what: the scope of a call, the internal tokens that carry it, and the role policy. The auth service authenticates callers."""
