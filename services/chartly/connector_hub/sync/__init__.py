"""One call of a source's sync: fetch pages, store them, move the cursor; the source's circuit and what its requests cost."""
