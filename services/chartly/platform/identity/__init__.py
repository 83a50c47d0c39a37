"""Who may do what: the scope of a call, the internal tokens that carry it, and the role policy. It authenticates nobody; auth does."""
