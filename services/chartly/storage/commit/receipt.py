"""What a submission hears about a committed chunk. Pure: the commit is a fact, the answer follows from who asks."""

from chartly.storage.model import Commit, Counts, Receipt, Submission


def answer(commit: Commit, submission: Submission) -> Receipt:
    """Answer ``submission`` about ``commit``; the same submission always gets the same.

    The one that committed the chunk counts what the commit counted. Another one of the same run met a page that came twice: all its records
    are duplicates. One of another run repeats what was done before: all are replayed, and nothing was written for them.
    """
    if submission.submission_id == commit.submission.submission_id:
        return Receipt(commit=commit, counts=commit.counts, reasons=commit.reasons, replayed=False)
    records = commit.counts.records_in
    same_run = bool(submission.run_id) and submission.run_id == commit.submission.run_id
    counts = Counts(records_in=records, duplicates=records) if same_run else Counts(records_in=records, replayed=records)
    return Receipt(commit=commit, counts=counts, reasons={}, replayed=True)
