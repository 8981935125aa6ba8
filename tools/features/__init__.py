"""What `make feature` writes: fields, code, pages, tests, and their places in other files."""
