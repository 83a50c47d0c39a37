"""Pure decisions about identity: the form of tokens, grants, the project of a request, request rates."""
