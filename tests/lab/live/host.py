"""A page with figures under the policy of the book's pages, and with or without the trainer's worker."""

from tests.lab.live.support import PAGE, markup, with_policy


def page(*figures, theme="light", worker=True):
    """The text of a page with these figures, or their markup."""
    texts = [each if isinstance(each, str) else markup(each) for each in figures]
    none = "" if worker else ' data-worker=""'
    told = "".join(text.replace("<figure", f"<figure{none}", 1) for text in texts)
    return with_policy(PAGE.format(theme=theme, figures=told))
