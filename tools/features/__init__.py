"""The files that `make feature` writes: fields, code, pages, tests, and changes of others."""
