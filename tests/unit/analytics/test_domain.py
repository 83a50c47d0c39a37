"""Windows, templates and charts of the analytics domain."""

from datetime import UTC, datetime

import duckdb
import pytest

from chartly.analytics.domain.template import bind, column_in_template
from chartly.analytics.domain.window import NO_END, covering
from chartly.analytics.errors import ProfileUnusable
from chartly.analytics.worker.tasks import instant

FIRST = datetime(2026, 2, 3, 10, 20, 30, tzinfo=UTC)
LAST = datetime(2026, 4, 1, 0, 0, 0, tzinfo=UTC)


def day(year: int, month: int, number: int, hour: int = 0, minute: int = 0) -> datetime:
    """Return an instant in UTC."""
    return datetime(year, month, number, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "begin", "end"),
    [
        ("P1D", day(2026, 2, 3), day(2026, 4, 2)),
        ("P1W", day(2026, 2, 2), day(2026, 4, 6)),
        ("P1M", day(2026, 2, 1), day(2026, 5, 1)),
        ("P3M", day(2026, 1, 1), day(2026, 7, 1)),
        ("P1Y", day(2026, 1, 1), day(2027, 1, 1)),
        ("PT1H", day(2026, 2, 3, 10), day(2026, 4, 1, 1)),
        ("PT15M", day(2026, 2, 3, 10, 15), day(2026, 4, 1, 0, 15)),
        (None, FIRST, datetime(2026, 4, 1, 0, 0, 0, 1, tzinfo=UTC)),
    ],
)
def test_windows_cover_first_and_last(window: str | None, begin: datetime, end: datetime) -> None:
    """Whole windows cover the records: a window includes its begin and excludes its end."""
    assert covering(window, FIRST, LAST) == (begin, end)


def test_windows_before_1970_are_cut_alike() -> None:
    """The start of a window before 1970 is rounded down, not toward zero."""
    assert covering("P1D", day(1969, 12, 31, 5), day(1969, 12, 31, 6)) == (day(1969, 12, 31), day(1970, 1, 1))


@pytest.mark.parametrize("window", [None, "PT1M", "PT7H", "P1D", "P3D", "P1W", "P1M", "P5M", "P1Y", "P7Y", "P99999D", "P99999W", "P99999Y"])
def test_windows_hold_the_first_and_last_instant_of_the_calendar(window: str | None) -> None:
    """Windows of each unit hold the instants at both ends; where no instant is behind the last one, they have no end."""
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

    assert covering(window, first, last) == (first, None)


def test_every_instant_is_before_the_end_of_a_window_without_end() -> None:
    """The parameter of a rollup for such a window is behind the last instant of the calendar."""
    with duckdb.connect() as connection:
        found = connection.execute("SELECT TIMESTAMPTZ '9999-12-31 23:59:59.999999+00' < $end", {"end": instant(NO_END)}).fetchall()

    assert found == [(True,)]


@pytest.mark.parametrize("window", ["P0D", "P1DT1H", "1D", "P-1D", "PT1S"])
def test_window_that_is_no_duration_of_one_unit(window: str) -> None:
    """Zero, mixed, negative and unknown units are refused."""
    with pytest.raises(ProfileUnusable):
        covering(window, FIRST, LAST)


def test_template_binds_names_and_parameters() -> None:
    """In the SQL the dataset is a quoted identifier and instants are bound parameters."""
    sql, names = bind("SELECT * FROM {{dataset}} WHERE t >= {{window_start}} AND t < {{ window_end }}")

    assert sql == ('SELECT * FROM "chartly_input" WHERE t >= CAST($window_start AS TIMESTAMPTZ) AND t < CAST($window_end AS TIMESTAMPTZ)')
    assert names == {"window_start", "window_end"}


def test_place_in_the_sql_is_one_in_the_template() -> None:
    """The column of an error is counted in the text that the profile's author wrote, before, between and after placeholders."""
    template = "SELECT 1,\n  a, {{window_start}}, b, {{ window_end }}, c FROM {{dataset}} AS d"
    written = template.split("\n")[1]
    made = bind(template)[0].split("\n")[1]
    for word in ("a,", "b,", "c FROM", "d"):
        assert column_in_template(template, 2, made.rindex(word) + 1) == written.rindex(word) + 1
    assert column_in_template(template, 2, made.index("window_end")) == written.index("{{ window_end") + 1
    assert column_in_template(template, 1, 8) == 8


@pytest.mark.parametrize("text", ["SELECT 1", "SELECT {{secret}} FROM {{dataset}}"])
def test_invalid_template_is_refused(text: str) -> None:
    """A template that does not read its dataset, or has an unknown placeholder, is refused."""
    with pytest.raises(ProfileUnusable):
        bind(text)
