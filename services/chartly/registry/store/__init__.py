"""The registry's tables, and what is read and written in one transaction. Functions take a connection; none decides a rule."""
