"""A row of the verdict table."""

from typing import NamedTuple

HOLDS, IN_PART, NOT_HERE, OPEN = "holds", "holds in part", "does not hold here", "open"
PAPER, REPOSITORY, OTHERS, OURS = "paper", "TF1 repository", "another implementation", "our question"


class Finding(NamedTuple):
    """A claim, its source, our measurement in a sentence, the verdict, and the chapter that shows more."""

    claim: str
    source: str
    measured: str
    verdict: str
    chapter: str
