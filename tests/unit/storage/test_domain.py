"""Tickets, filters, compaction, names, policy and retention: small decisions, each with its bound."""

from datetime import UTC, datetime

import pytest

from chartly.storage.commit.tickets import Ticket, Tickets
from chartly.storage.errors import BadFilter, TicketsExhausted, TicketUnknown
from chartly.storage.maintenance.file_groups import first_pass, groups_to_merge
from chartly.storage.model import DatasetKey, Frozen, Submission, WriteMode
from chartly.storage.names import STAGED_FILE, data_file, digest_in
from chartly.storage.policy import StoragePolicy, kept_since, read_policy
from chartly.storage.reading.filter import TERMS_MAX, Term, parse_filter
from chartly.storage.table.live_file import LiveFile


def ticket(name: str, expires_s: float = 10.0) -> Ticket:
    """A ticket of project t/p."""
    return Ticket(
        ticket=name,
        key=DatasetKey("t", "p", "d"),
        submission=Submission(work_key="k", submission_id="k"),
        storage=Frozen(),
        mode=WriteMode.APPEND,
        expires_s=expires_s,
    )


def test_ticket_is_used_up() -> None:
    """The second taker finds nothing, and neither does another project."""
    tickets = Tickets(2, lambda: 0.0)
    tickets.open(ticket("a"))
    with pytest.raises(TicketUnknown):
        tickets.take("a", ("t", "other"))
    assert tickets.take("a", ("t", "p")).ticket == "a"
    with pytest.raises(TicketUnknown):
        tickets.take("a", ("t", "p"))


def test_tickets_end_in_time_and_number() -> None:
    """Above the bound none is given; past its time none is taken."""
    now = 0.0
    tickets = Tickets(2, lambda: now)
    tickets.open(ticket("a", 5.0))
    tickets.open(ticket("b", 10.0))
    with pytest.raises(TicketsExhausted):
        tickets.open(ticket("c"))
    now = 5.0
    with pytest.raises(TicketUnknown):
        tickets.take("a", ("t", "p"))
    assert [late.ticket for late in tickets.expire()] == ["a"]
    assert len(tickets) == 1


def test_filter_terms() -> None:
    """Terms are split at AND and at the first equals sign."""
    assert parse_filter("a=1 AND b=x=y") == (Term("a", "1"), Term("b", "x=y"))
    assert parse_filter("  ") == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('a="USD"', "USD"),
        ("a = 'USD' ", "USD"),
        ('a=" x AND y=1 "', " x AND y=1 "),
        (r'a="say \"no\" \\"', 'say "no" \\'),
        ("a='it is \"so\"'", 'it is "so"'),
        ('a=""', ""),
        ('a=5" pipe', '5" pipe'),
    ],
)
def test_filter_value_may_be_quoted(text: str, value: str) -> None:
    """By either kind of quotes; a quote within a bare value is part of it."""
    assert parse_filter(text) == (Term("a", value),)
    assert parse_filter(f"{text} AND b=2") == (Term("a", value), Term("b", "2"))


@pytest.mark.parametrize("text", ["a", "=1", 'a="x', 'a="x" y', "a=1 AND a=2", " AND ".join(f"f{n}=1" for n in range(TERMS_MAX + 1))])
def test_filter_that_breaks_a_rule(text: str) -> None:
    """Missing equals sign or field, a quote without its end, a field twice, too many terms."""
    with pytest.raises(BadFilter):
        parse_filter(text)


def sizes(*bytes_each: int, partition: str | None = None) -> list[LiveFile]:
    """Files of one partition."""
    return [LiveFile(f"{partition}-{n:03d}", size, (("p", partition),)) for n, size in enumerate(bytes_each)]


def test_few_small_files_are_left_alone() -> None:
    """At the bound nothing is merged, above it everything small."""
    assert groups_to_merge(sizes(*[1] * 4), small_files_max=4, file_bytes_target=100) == []
    assert len(groups_to_merge(sizes(*[1] * 5), small_files_max=4, file_bytes_target=100)[0]) == 5


def test_large_files_are_not_rewritten() -> None:
    """From half the target on a file stays as it is."""
    groups = groups_to_merge(sizes(50, *[1] * 5), small_files_max=4, file_bytes_target=100)
    assert [file.size_bytes for group in groups for file in group] == [1] * 5


def test_merges_keep_partitions_apart_and_below_the_target() -> None:
    """No group spans partitions or outgrows the target; a file alone is no group."""
    files = [*sizes(*[40] * 5, partition="a"), *sizes(40, 40, partition="b"), *sizes(1, partition="c")]
    groups = groups_to_merge(files, small_files_max=2, file_bytes_target=100)

    assert all(len({file.partition for file in group}) == 1 for group in groups)
    assert all(sum(file.size_bytes for file in group) <= 100 for group in groups)
    assert all(len(group) > 1 for group in groups)
    assert len(groups) == 3


def test_a_pass_is_bounded() -> None:
    """Groups are taken until the bound of bytes; the first always, so that a pass is never for nothing."""
    groups = [sizes(40, 40), sizes(10, 10), sizes(1, 1)]
    assert first_pass(groups, bytes_max=100) == groups[:2]
    assert first_pass(groups, bytes_max=10) == groups[:1]
    assert first_pass([], bytes_max=10) == []


def test_data_files_name_their_digest() -> None:
    """The checker finds in the name what the writer put there."""
    digest = "ab" * 32
    assert digest.startswith(digest_in(data_file(7, 0, digest)))


@pytest.mark.parametrize("name", ["../x.parquet", "a/b.parquet", ".parquet", "x.parquet.tmp", "X.parquet", "x\n.parquet"])
def test_staged_names_stay_in_their_folder(name: str) -> None:
    """Nothing but a plain lower-case name is a staged file."""
    assert STAGED_FILE.fullmatch(name) is None


def test_policy_of_the_seed() -> None:
    """The seed's storage profile, read."""
    policy = read_policy(
        {
            "spec": {
                "dataset": "sales-events",
                "retentionDays": 30,
                "partitioning": {"by": ["occurred_at"], "granularity": "day"},
                "indexing": {"fields": ["event_id", "customer_id", "currency"]},
            }
        }
    )
    assert policy == StoragePolicy(
        partition_by=("occurred_at",),
        granularity="day",
        index_fields=("event_id", "customer_id", "currency"),
        retention_days=30,
    )


def test_retention_counts_from_the_commit() -> None:
    """Thirty days before now; without a rule, nothing is ever over."""
    now = datetime(2026, 3, 31, tzinfo=UTC)
    assert kept_since(StoragePolicy(retention_days=30), now) == datetime(2026, 3, 1, tzinfo=UTC)
    assert kept_since(StoragePolicy(), now) is None
