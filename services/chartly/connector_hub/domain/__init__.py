"""The hub's rules without I/O: what a connector profile says, where it may go, and which page comes next."""
