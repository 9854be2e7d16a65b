"""The one way in which a file that enrichment needs can be wrong for good."""


class SourceError(Exception):
    """A database or list that the configuration names cannot be used.

    The message says which file, what is wrong and what to do about it.
    """
