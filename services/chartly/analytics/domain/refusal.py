"""Makes the refusal of a statement from DuckDB's words: the problem, the candidates that DuckDB suggests, and the place. Pure."""

from chartly.analytics.errors import QueryRefused

# Enough for the functions that DuckDB suggests in place of a wrong one. An error's message has 1,000 characters.
_PROBLEM_CHARACTERS_MAX = 800


def refusal(problem: str, sql: str, position: str | None) -> QueryRefused:
    """Return the refusal of a statement.

    Args:
        problem: DuckDB's message, of one or more lines.
        sql: the statement.
        position: DuckDB's offset into the statement's UTF-8 bytes, in digits; None if it names no place.
    """
    # The first line is the problem, the others are what DuckDB suggests.
    words = " ".join(problem.split())
    if len(words) > _PROBLEM_CHARACTERS_MAX:
        words = f"{words[:_PROBLEM_CHARACTERS_MAX]}…"
    if position is None:
        return QueryRefused(words)
    before = sql.encode()[: int(position)].decode(errors="ignore")
    return QueryRefused(words, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
