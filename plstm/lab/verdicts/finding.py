"""What a row of the verdict table holds."""

from typing import NamedTuple

HOLDS, IN_PART, NOT_HERE, OPEN = "holds", "holds in part", "does not hold here", "open"
PAPER, REPOSITORY, OTHERS, OURS = "paper", "TF1 repository", "another implementation", "our question"


class Finding(NamedTuple):
    """A claim, who makes it, what we measured in a sentence, the verdict, and the chapter that shows more."""

    claim: str
    source: str
    measured: str
    verdict: str
    chapter: str
