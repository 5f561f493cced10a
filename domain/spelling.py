"""What people type, compared whichever way it is spelled."""

import unicodedata


def folded(text: str) -> str:
    """The text without what makes no difference to people: width, case, and how many spaces are between words."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
