"""Chartly: services, the platform below them, and the command line. Import from its packages; this one exports nothing."""
