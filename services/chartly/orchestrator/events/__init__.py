"""Events of a project: decoded, stored once, and matched with the workflows that listen to them. They start no run; ``background`` does."""
