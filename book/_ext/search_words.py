"""Sphinx extension: the search knows a word with a hyphen, such as GRU-D, as one word.

Sphinx takes it for two, and its search for "GRU-D" lists every page with a "d". Here the word itself is in the index,
and so are its parts but single letters: "gate" finds a time-gate. Asked for a word that no page has in this form, the
search takes the parts.
"""

import re

from sphinx.search import SearchEnglish, languages

WORD = re.compile(r"\w+(?:-\w+)*")
SPLITTER = r"""
function splitQuery(query) {
  const words = query.match(/[\p{L}\p{N}_]+(?:-[\p{L}\p{N}_]+)*/gu) || [];
  const stemmer = new Stemmer();
  const known = (word) => {
    const stem = stemmer.stemWord(word.toLowerCase());
    return Search._index && (Object.hasOwn(Search._index.terms, stem) || Object.hasOwn(Search._index.titleterms, stem));
  };
  return words.flatMap((word) => {
    if (!word.includes("-") || known(word)) return [word];
    return word.split("-").filter((part) => part.length > 1);
  });
}
"""


def split(text):
    """The words of a text for the index.

    >>> split("GRU-D and a time-gate")
    ['GRU-D', 'GRU', 'and', 'a', 'time-gate', 'time', 'gate']
    """
    found = []
    for word in WORD.findall(text):
        parts = word.split("-")
        found += [word, *(part for part in parts if len(part) > 1 and len(parts) > 1)]
    return found


class English(SearchEnglish):
    """English in which a hyphen joins words."""

    js_stemmer_code = SearchEnglish.js_stemmer_code + SPLITTER

    def split(self, input):  # noqa: A002 (Sphinx' name)
        return split(input)


def setup(app):
    languages["en"] = English
    return {"parallel_read_safe": True}
