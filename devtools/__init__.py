"""The work behind ``./dev``: one file for each thing that it looks after.

Nothing here needs more than Python's standard library, because it runs before
the virtual environment exists.
"""
