"""What a request costs here and elsewhere: `make bench`."""
