"""Compare the cost of a request with other stacks: `make bench`."""
