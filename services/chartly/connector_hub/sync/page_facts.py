"""What a page says about the next one. It reads the cursor, or counts records, and nothing else."""

from chartly.connector_hub.domain.connector import Connector
from chartly.connector_hub.domain.pages import NOTHING, PageFacts
from chartly.connector_hub.errors import UpstreamBadResponse
from chartly.connector_hub.upstream.fetcher import UpstreamPage
from chartly.native import DepthExceeded, MalformedJson, QueryTooExpensive, count_elements, query


def page_facts(source: Connector, page: UpstreamPage) -> PageFacts:
    """Read from a page what the next request needs.

    Raises:
        UpstreamBadResponse: the page is not JSON that can be read, has no list of records, or its cursor is neither text nor a number.
    """
    mode = source.pagination.mode
    if mode == "none" or page.is_no_content:
        return NOTHING
    try:
        records = _records(source, page)
        if mode == "cursor":
            return PageFacts(_cursor(source, query(source.pagination.response_field, page.body)), records)
        return PageFacts("", records)
    except MalformedJson as malformed:
        raise UpstreamBadResponse(source.source_id, f"the page is not JSON: {malformed}") from malformed
    except DepthExceeded as deep:
        raise UpstreamBadResponse(source.source_id, f"the page is {deep}") from deep
    except QueryTooExpensive as expensive:
        raise UpstreamBadResponse(source.source_id, f"the page can't be read: {expensive}") from expensive


def _records(source: Connector, page: UpstreamPage) -> int:
    """Count a page's records. A page without its list is an error: it would look like the end of the source."""
    field = source.pagination.records_field
    if not field:
        return 0
    count = count_elements(field, page.body)
    if count is None and not source.pagination.allow_empty:
        raise UpstreamBadResponse(source.source_id, f"no list at recordsField {field}")
    return count or 0


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
