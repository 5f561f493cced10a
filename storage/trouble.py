"""What can be wrong with a database as a whole, told apart by what its driver says."""

import re
import sqlite3
from enum import StrEnum

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError


class Trouble(StrEnum):
    """What is wrong, as far as the mend differs."""

    AWAY = "away"
    """It does not answer: not running, not to be reached, too slow, shutting down."""
    REFUSED = "refused"
    """It answers, and does not let us in: user, password, name of the database, rights."""
    BUSY = "busy"
    """Something else keeps it, or has taken all its connections."""
    LOCKED = "locked"
    """One record was kept too long by somebody else who changes it; all others can be used."""
    FULL = "full"
    READ_ONLY = "read_only"
    CANNOT_OPEN = "cannot_open"
    """The file or its folder cannot be opened."""
    NO_DATABASE = "no_database"
    """The file holds something else."""
    DAMAGED = "damaged"
    """It cannot be read or written as it should be."""
    CLOSED = "closed"
    """This process has let go of it: it is stopping."""

    @property
    def concerns_writing(self) -> bool:
        """Reading may go on all the while."""
        return self in (Trouble.FULL, Trouble.READ_ONLY, Trouble.DAMAGED, Trouble.BUSY)


class DatabaseUnusableError(Exception):
    """Nothing can be recorded now, for a reason outside the program; the message is the driver's, in one line.

    It names the host and the user, never the password.
    """

    def __init__(self, trouble: Trouble, said: str) -> None:
        super().__init__(said)
        self.trouble = trouble


def unusable(error: BaseException) -> DatabaseUnusableError | None:
    """What this error says of the database as a whole; None if it is about one statement."""
    if isinstance(error, DatabaseUnusableError):
        return error
    if isinstance(error, PoolTimeoutError):
        return DatabaseUnusableError(Trouble.BUSY, "all connections are in use")
    driver = error.orig if isinstance(error, DBAPIError) else error
    trouble = None
    if isinstance(driver, sqlite3.Error):
        trouble = _SQLITE.get((getattr(driver, "sqlite_errorcode", 0) or 0) & 0xFF)
    elif isinstance(error, DBAPIError):
        trouble = _postgresql(driver)
    elif isinstance(error, OSError):
        trouble = Trouble.AWAY
    if trouble is None:
        return None
    said = str(driver).strip().partition("\n")[0] or type(driver).__name__
    return DatabaseUnusableError(trouble, said)


# https://www.sqlite.org/rescode.html
_SQLITE = {
    sqlite3.SQLITE_PERM: Trouble.READ_ONLY,
    sqlite3.SQLITE_BUSY: Trouble.BUSY,
    sqlite3.SQLITE_LOCKED: Trouble.BUSY,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
    sqlite3.SQLITE_IOERR: Trouble.DAMAGED,
    sqlite3.SQLITE_CORRUPT: Trouble.DAMAGED,
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_CANTOPEN: Trouble.CANNOT_OPEN,
    sqlite3.SQLITE_NOTADB: Trouble.NO_DATABASE,
}

# https://www.postgresql.org/docs/current/errcodes-appendix.html: the first that begins the code counts.
_POSTGRESQL = {
    "53100": Trouble.FULL,
    "53": Trouble.BUSY,
    "25006": Trouble.READ_ONLY,
    "08": Trouble.AWAY,
    "57P": Trouble.AWAY,
    "57014": Trouble.BUSY,
    "55P03": Trouble.LOCKED,
    "40P01": Trouble.LOCKED,
    "25P03": Trouble.LOCKED,
    "28": Trouble.REFUSED,
    "3D": Trouble.REFUSED,
    "42501": Trouble.REFUSED,
    "58": Trouble.DAMAGED,
    "XX001": Trouble.DAMAGED,
    "XX002": Trouble.DAMAGED,
}


def _postgresql(driver: object) -> Trouble | None:
    if code := getattr(driver, "sqlstate", None):
        return next((trouble for begins, trouble in _POSTGRESQL.items() if code.startswith(begins)), None)
    if type(driver).__name__ not in ("OperationalError", "InterfaceError", "ConnectionTimeout"):
        return None
    # Whoever was not let in gets no code, only what the server said, in its own language.
    said = str(driver)
    if not re.search(r"FATAL:|致命的エラー", said):
        return Trouble.AWAY
    if re.search(r"starting up|shutting down|recovery|起動|シャットダウン|リカバリ", said):
        return Trouble.AWAY
    return Trouble.BUSY if re.search(r"too many|remaining connection|接続", said) else Trouble.REFUSED
