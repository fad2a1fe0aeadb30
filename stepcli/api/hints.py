"""Hints for errors whose remedy depends on the base URL that a request was sent to."""

from __future__ import annotations

from stepcli.api.catalog import SITES, Site, site_of
from stepcli.base_url import BaseURL

CERTIFICATE_HINT = "check the clock; behind a company's proxy, set SSL_CERT_FILE to its CA"


def other_site_hint(base: BaseURL) -> str | None:
    """Return how to use a key of the other site; None if `base` is not at one of the two sites."""
    if (other := _other_site(base)) is None:
        return None
    return f"a key from {other.domain} needs --base-url {base.with_host(other.host)}"


def key_pages(base: BaseURL) -> list[str]:
    """Return where the keys for `base` are created, and those of the other site."""
    lines = [f"Create a key on the API key page of the StepFun platform: {site_of(base).key_page}"]
    if other := _other_site(base):
        other_base = base.with_host(other.host)
        lines.append(
            f"For an account at {other.domain}: {other.key_page}, and --base-url {other_base}"
        )
    return lines


def used_up_credit_hint(base: BaseURL) -> str:
    """Return how to get more credit for requests to `base`."""
    site = _site_at(base)
    account = site.platform if site else base.authority
    if base.open == base:
        return f"add credit at {account}"
    return (
        f"upgrade the plan at {account} or wait until its credit is renewed; "
        f"--base-url {base.open} spends the account's balance instead"
    )


def unsupported_model_hint(base: BaseURL) -> str:
    """Return what to do about a model that `base` does not support."""
    if base.open == base:
        return "check --model"
    return (
        "check --model; "
        f"models outside the plan need --base-url {base.open}, which charges the account"
    )


def _other_site(base: BaseURL) -> Site | None:
    """Return the site that `base` is not at; None if it is at neither."""
    site = _site_at(base)
    return next(one for one in SITES if one is not site) if site else None


def _site_at(base: BaseURL) -> Site | None:
    """Return the site whose API host `base` names."""
    return next((site for site in SITES if base.host == site.host), None)
