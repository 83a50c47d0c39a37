"""Watches the others: whether they answer, and whether what they keep agrees. It repairs nothing."""
