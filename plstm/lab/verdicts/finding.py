"""A row of the verdict table."""

from typing import NamedTuple

HOLDS, IN_PART, NOT_HERE, OPEN = "holds", "holds in part", "does not hold here", "open"
PAPER, REPOSITORY, OTHERS, OURS = "paper", "TF1 repository", "another implementation", "our question"


class Finding(NamedTuple):
    """A claim, its source, what we measured, the verdict, and the chapter that shows more.

    ``measured`` is under the settings of the claim's source; ``fair`` with the same care for all models, by the
    protocol of ``plstm.lab.verdicts.fair``. It is empty where the claim compares no models.
    """

    claim: str
    source: str
    measured: str
    verdict: str
    chapter: str
    fair: str = ""
