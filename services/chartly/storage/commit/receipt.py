"""Builds the receipt of a committed chunk for a submission. Pure."""

from chartly.storage.model import Commit, Counts, Receipt, Submission


def answer(commit: Commit, submission: Submission) -> Receipt:
    """Return the receipt of ``commit`` for ``submission``. The same submission always gets the same receipt.

    The submission that committed the chunk gets the commit's counts. For another submission of the same run all records are duplicates: the
    source returned a page twice. For a submission of another run all records are replayed. Nothing is written for either.
    """
    if submission.submission_id == commit.submission.submission_id:
        return Receipt(commit=commit, counts=commit.counts, reasons=commit.reasons, replayed=False)
    records = commit.counts.records_in
    same_run = bool(submission.run_id) and submission.run_id == commit.submission.run_id
    counts = Counts(records_in=records, duplicates=records) if same_run else Counts(records_in=records, replayed=records)
    return Receipt(commit=commit, counts=counts, reasons={}, replayed=True)
