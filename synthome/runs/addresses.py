"""Where the services are: addresses that the installation sets, and those that its single user enters.

Whoever can set an address can make this server ask it, so in a shared installation an entered one counts for nothing.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from synthome.errors import AddressError
from synthome.query import BULK, SINGLE_CELL, base_model
from synthome.settings import settings

__all__ = ["checked_address", "container_addresses"]

_MOST = 300
_HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?")


def checked_address(text: str) -> str:
    """``text`` as the base address of a service, without a slash at its end.

    Raises
    ------
    AddressError
        For what is no http or https address, or carries a password, a query or a fragment.

    >>> checked_address(" http://localhost:8000/ "), checked_address("https://box.lab.org/gem")
    ('http://localhost:8000', 'https://box.lab.org/gem')
    """
    address = text.strip()
    _refuse(len(address) > _MOST, f"The address is longer than {_MOST} characters.")
    _refuse(not address.isprintable() or " " in address, "The address holds a space or a character that none holds.")
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise AddressError(_sentence("The address has no valid host or port.")) from None
    _refuse(parts.scheme not in ("http", "https"), "The address does not begin with http:// or https://.")
    # Said without repeating it: what stands before the @ is a password.
    _refuse("@" in parts.netloc, "The address carries a user name or password. Leave them out.")
    _refuse(bool(parts.query or parts.fragment or "?" in address or "#" in address), "The address has a ? or # in it.")
    _refuse(not _is_host(host), "The address names no valid host.")
    _refuse(port == 0, "The address names port 0, which nothing listens on.")
    return address.rstrip("/")


def _is_host(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return _HOST_NAME.fullmatch(host) is not None
    return True


def _refuse(wrong: bool, what: str) -> None:
    if wrong:
        raise AddressError(_sentence(what))


def _sentence(what: str) -> str:
    return f"{what} Write it such as http://localhost:8000."


def container_addresses(entered: Mapping[str, str] | None = None) -> dict[str, str]:
    """The address of the container behind each baseline model; models without one are left out.

    ``entered`` are a user's, by model. They come first where the installation has a single user, and are otherwise
    ignored; of those that are no addresses, none is taken.
    """
    limits = settings()
    own = {BULK: limits.self_hosted_url_bulk, SINGLE_CELL: limits.self_hosted_url_sc}
    addresses = {model_id: address or limits.self_hosted_url for model_id, address in own.items()}
    if limits.single_user:
        addresses |= {base_model(model_id): address for model_id, address in (entered or {}).items() if _fits(address)}
    return {model_id: address for model_id, address in addresses.items() if address and model_id in own}


def _fits(address: object) -> bool:
    try:
        return isinstance(address, str) and bool(checked_address(address))
    except AddressError:
        return False
