"""Rendering of pages: slots, cached fragments and form controls."""
