"""Tests of the starter itself: the request contract, the foundation, the documents."""
