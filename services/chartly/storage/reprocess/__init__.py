"""A dataset made anew from its blobs, compared before it is applied, and rolled back."""
