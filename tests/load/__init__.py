"""Load tests of the whole platform from outside: `chartly up` in processes of its own, called through its edge."""
