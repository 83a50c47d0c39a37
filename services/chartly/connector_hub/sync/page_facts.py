"""What a page says about the next one. It reads the cursor, or counts records, and nothing else."""

from chartly.connector_hub.domain.connector import Connector
from chartly.connector_hub.domain.pages import PageFacts
from chartly.connector_hub.errors import UpstreamBadResponse
from chartly.connector_hub.upstream.fetcher import UpstreamPage
from chartly.native import DepthExceeded, MalformedJson, QueryTooExpensive, count_elements, query


def page_facts(source: Connector, page: UpstreamPage) -> PageFacts:
    """Read from a page what the next request needs.

    Raises:
        UpstreamBadResponse: the page is not JSON that can be read, or its cursor is neither text nor a number.
    """
    mode = source.pagination.mode
    if mode == "none":
        return PageFacts("", 0)
    try:
        if mode == "cursor":
            return PageFacts(_cursor(source, query(source.pagination.response_field, page.body)), 0)
        return PageFacts("", count_elements(source.pagination.records_field, page.body))
    except MalformedJson as malformed:
        raise UpstreamBadResponse(source.source_id, f"the page is not JSON: {malformed}") from malformed
    except DepthExceeded as deep:
        raise UpstreamBadResponse(source.source_id, f"the page is {deep}") from deep
    except QueryTooExpensive as expensive:
        raise UpstreamBadResponse(source.source_id, f"the page can't be read: {expensive}") from expensive


def _cursor(source: Connector, found: list[object]) -> str:
    match found:
        case [] | [None] | [""]:
            return ""
        case [str(text)]:
            return text
        case [int(number)] if not isinstance(number, bool):
            return str(number)
        case _:
            raise UpstreamBadResponse(source.source_id, "the cursor must be text or a number")
