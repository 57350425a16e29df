"""Counts the steps of checking satisfiability, so that hard subgraphs end in an error: never looks at a clock."""


class PathsExhausted(Exception):
    """More steps are needed than allowed: becomes MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED."""


class Budget:
    """The steps one check may take; `at` is the type it is looking at."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.spent = 0
        self.at = ""

    def spend(self, steps: int) -> None:
        """Takes steps.

        Raises:
            PathsExhausted: there were not so many left.
        """
        self.spent += steps
        if self.spent > self.limit:
            raise PathsExhausted
