"""Words that a generated name must not be: those of the languages, and those that the templates use themselves."""

from __future__ import annotations


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


JAVA_WORDS = _words(
    "abstract assert boolean break byte case catch char class const continue default do double else enum extends final finally float",
    "for goto if implements import instanceof int interface long native new package private protected public return short static",
    "strictfp super switch synchronized this throw throws transient try void volatile while true false null record var yield",
)
GO_WORDS = _words(
    "type func range map chan var package interface default select go defer import string struct switch case const error int any len",
    "min max",
)
OWN_NAMES = _words(
    "key cursor limit after count rows row found token first members held version page ctx attempt member text start data event",
    "recipient cache self this",
)
"""Local names of the templates: a column of that name gets another as a parameter."""
OWN_METHODS = _words(
    "read load lock unlock part cached fill aside rows authored apply handle work claim refresh add run stop encode decode",
)
"""Methods of the templates."""
OWN_TYPES = _words(
    "Event Envelope Message Messages Database Transaction Cache Recipients Push Effect Invalid Worker Service Page PageInfo Sources",
    "SearchIndex BadCursor Session Rows Json Entry Object String Map List Set Date Record Number Promise Error Symbol Function Class",
    "Thread Instant Duration Exception Any Protocol Decimal Place Kinds Order Array Long Double Boolean Integer Character Process",
    "Module Package Iterable Iterator Connection Counter Math Base64 Override Optional Collection Queue Void Byte Short Float",
)
"""Types of the templates and of the languages."""
