"""Words that a full stop shortens rather than ends."""

from __future__ import annotations


def _words(row: str) -> frozenset[str]:
    return frozenset(row.split())


# What stands before a name or an explanation and is never left without it.
_LEADING = _words(
    "adm atty brig capt cdr cmdr col cpl dr dra drs gov hon lt maj messrs mlle mme mmes mr mrs ms"
    " mt prof profs revd sen sgt sra st supt approx ca cf eg ie e.g i.e viz vs z.b d.h bzw p.ex"
)

# The same, but only before a number: "No. 5" counts and "No. I will not." answers.
_NUMBERING = _words(
    "art ch chap cl eq eqs fig figs no nos nr num op p para pp pt pts sec sect tab vol vols"
)

# What may also stand last in a sentence; its full stop is then taken for the abbreviation's.
_TRAILING = _words(
    "al apr assn aug ave blvd bros co corp dec dept dist est etc feb inc jan jr jul jun llc ltd mar"
    " misc nov oct ph.d rd sep sept sq sr tel univ usw vgl"
)


def leads(word: str, following: str) -> bool:
    """Whether ``word`` and its full stop belong to ``following``, the next word."""
    folded = word.casefold()
    if folded in _NUMBERING:
        return following[:1].isnumeric()
    return folded in _LEADING or _is_initial(word, following)


def shortened(word: str) -> bool:
    """Whether the full stop after ``word`` may be an abbreviation's: Inc., a.m., U.S.A."""
    return word.casefold() in _TRAILING or _is_dotted(word)


def _is_initial(word: str, following: str) -> bool:
    """J. in "J. K. Rowling"; the pronoun I is none."""
    return len(word) == 1 and word.isupper() and word != "I" and following[:1].isupper()


def _is_dotted(word: str) -> bool:
    """a.m, U.S.A: single letters between full stops."""
    return "." in word and all(len(part) == 1 and part.isalpha() for part in word.split("."))
