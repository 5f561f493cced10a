"""Public holidays by country. The one place that knows the library; its calendars are read when first asked for."""

from collections.abc import Container
from datetime import date


class UnknownCountryError(LookupError):
    """There is no calendar for this country."""


def public_holidays(country: str) -> Container[date]:
    """The public holidays of a country by its two-letter code, such as JP. Raises UnknownCountryError."""
    import holidays  # It takes 0.4 s: only where a plan names a country.

    try:
        return holidays.country_holidays(country)
    except NotImplementedError:
        raise UnknownCountryError(country) from None
