"""The command line: one file a command group. It talks to a running installation through its edge, like any other client."""
