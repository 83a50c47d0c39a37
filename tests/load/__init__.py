"""The whole platform under load, from outside: `chartly up` in processes of its own, asked through its edge."""
