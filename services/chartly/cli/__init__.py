"""The command line: one file a command group. It calls a running installation through its edge, like any other client."""
