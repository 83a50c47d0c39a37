"""Pure decisions about identity: the shape of tokens, who may grant what, which project, how often."""
