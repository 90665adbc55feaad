"""Language tags: which are well-formed, how they are written, and how their text runs."""

from __future__ import annotations

import re

_TAG = (
    r"[a-z]{2,3}(-[a-z]{3}){0,3}(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?"
    r"(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(-[a-wyz0-9](-[a-z0-9]{2,8})+)*(-x(-[a-z0-9]{1,8})+)?"
)
_CASES = {2: str.upper, 4: str.capitalize}
_LONGEST = 64

_FROM_THE_RIGHT = re.compile(
    "adlm|arab|hebr|mand|nkoo|rohg|samr|syrc|thaa"  # scripts
    "|ar|arc|bal|bqi|ckb|dv|fa|glk|he|iw|ji|khw|lrc|mzn|nqo|pnb|prs|ps|rhg|sd|skr|syr|ug|ur|yi"
).fullmatch


def is_well_formed(tag: str) -> bool:
    """Tell whether a text in lower case is a language tag (RFC 5646 §2.1)."""
    return re.fullmatch(_TAG, tag, re.ASCII) is not None


def tag(written: str) -> str:
    """Return a well-formed language tag in the case of RFC 5646 §2.1.1, or ''.

    `_` counts as `-`, and the charset of a POSIX locale does not count: `en_us.UTF-8` is `en-US`.
    """
    written = written.strip()
    if len(written) > _LONGEST:
        return ""
    found = re.split("[.@]", written)[0].replace("_", "-").lower()
    return _cased(found) if is_well_formed(found) else ""


def _cased(tag: str) -> str:
    """Return a lower-case tag with its script as `Hans`, its region as `CN`, up to a singleton."""
    language, *parts = tag.split("-")
    plain_from = next((n for n, part in enumerate(parts) if len(part) == 1), len(parts))
    cased = [_CASES.get(len(part), str.lower)(part) for part in parts[:plain_from]]
    return "-".join([language, *cased, *parts[plain_from:]])


def direction(language: str) -> str:
    """Return `rtl` for a language (BCP 47) that is written from the right, else `auto`.

    A script that it names decides, else what the language is mostly written in (CLDR). `auto` goes
    by the first letter of a text; titles from the right often begin with a name in Latin letters.
    """
    primary, *subtags = language.lower().replace("_", "-").split("-")
    script = next((tag for tag in subtags if len(tag) == 4 and tag.isalpha()), primary)
    return "rtl" if _FROM_THE_RIGHT(script) else "auto"
