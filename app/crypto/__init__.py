"""Tokens, signatures and encryption."""
