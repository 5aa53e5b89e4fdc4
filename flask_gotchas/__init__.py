"""A linter for the mistakes that Flask accepts without a word."""

__version__ = "0.1.0"
