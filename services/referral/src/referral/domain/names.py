"""How a person is addressed, from the name that somebody typed.

nameparser knows more titles, but takes the Prince of "Prince Ali" and the Baron of "Baron Cohen" for one: here only words that are nobody's
name are titles, and everything else is kept.
"""

_TITLES = frozenset(("dr", "doctor", "prof", "professor", "mr", "mrs", "ms", "miss", "mx", "sir", "dame", "rev", "revd"))
_LETTERS_AFTER = frozenset(
    word
    for line in (
        "mbe obe cbe kbe dbe phd dphil mbbs mbchb mbbch bds bsc msc",  # not ma, md, bem and jr, which are names too
        "mrcp frcp mrcgp frcgp mrcs frcs frca mrcpsych frcpsych mrcpch frcpch fficm fcem frcem facem dch drcog dipimc rgn rmn",
    )
    for word in line.split()
)


_JOBS = frozenset(("consultant", "gp", "registrar", "specialist", "doctor", "locum", "retired"))


def addressed(name: str) -> str:
    """The whole name without titles and letters after it, first name first: "KUMAR, Anita" is Anita KUMAR. The name as typed if nothing
    would be left."""
    last, _, first = name.partition(",")
    after = _bare(first.replace(",", " ").split())
    if any(_plain(word) in _JOBS or _plain(word) in _LETTERS_AFTER or "(" in word for word in after):
        after = []  # what they are, not what they are called
    words = [*after, *_bare(last.split())]
    return " ".join(words) or " ".join(name.replace(",", " ").split()) or name


def _bare(words: list[str]) -> list[str]:
    while words and _plain(words[0]) in _TITLES:
        words = words[1:]
    while words and _plain(words[-1]) in _LETTERS_AFTER:
        words = words[:-1]
    return words


def _plain(word: str) -> str:
    return word.replace(".", "").casefold()
