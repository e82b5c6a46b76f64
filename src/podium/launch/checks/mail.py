"""The mail server, where one is set: it is greeted, and nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator
from smtplib import SMTPException

from django.core.mail.backends.smtp import EmailBackend

from podium.launch.checks.check import Check
from podium.server.configuration import configuration

_OK = 250


def check_mail() -> Iterator[Check]:
    """Whether the mail server answers and lets the site in."""
    chosen = configuration()
    if not chosen.email_host:
        yield Check("mail", "in order", "No mail server is set (PODIUM_EMAIL_HOST), so no mail is sent.")
        return
    where = f"{chosen.email_host} port {chosen.email_port}"
    server = EmailBackend()
    try:
        server.open()
        code, said = _greeted(server)
    except (OSError, SMTPException) as error:
        yield Check(
            "mail",
            "failed",
            f"The mail server at {where} cannot be used: {str(error).rstrip('.') or type(error).__name__}.",
            "Check PODIUM_EMAIL_HOST, _PORT, _USER and _PASSWORD, and that the server runs.",
        )
        return
    finally:
        server.close()
    if code != _OK:
        words = said.decode("utf-8", "replace")
        yield Check("mail", "failed", f"The mail server at {where} answers {code} {words}.", "Ask who keeps it.")
        return
    yield Check("mail", "in order", f"The mail server at {where} answers; nothing was sent.")


def _greeted(server: EmailBackend) -> tuple[int, bytes]:
    session = server.connection
    if session is None:
        return 0, b"no connection"
    session.ehlo_or_helo_if_needed()
    return session.noop()
