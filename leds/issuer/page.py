"""A checked authorization request in, the page to choose a persona out: plain HTML, no script, everything escaped."""

from collections.abc import Iterable, Mapping
from html import escape
from urllib.parse import urlsplit

from leds.issuer.authorization import FORM_FIELDS, AuthorizationRequest
from leds.issuer.errors import OAuthError
from leds.personas import Persona

_FRAME = """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} – LEDS Graph demo – SYNTHETIC</title>
<link rel="stylesheet" href="{style}">
</head>
<body>
<p class="banner" role="note"><strong>SYNTHETIC</strong> Every person, vehicle and record here is invented.</p>
<main>
<h1>{title}</h1>
{content}
</main>
</body>
</html>
"""

_FORM = """<p>{client} asks to read as somebody. Choose who you are; what you then see follows from it.</p>
<form method="post" action="{action}">
{hidden}
<ul>
{choices}
</ul>
<button class="cancel" name="persona" value="" type="submit">Cancel</button>
</form>"""

_CHOICE = """<li>
<button name="persona" value="{name}" type="submit" aria-describedby="about-{name}">{title}</button>
<p id="about-{name}">{description}</p>
</li>"""


def choice_page(
    request: AuthorizationRequest, parameters: Mapping[str, str], personas: Iterable[Persona], base: str
) -> str:
    """The page with one button per persona; the form carries the request's parameters on to be checked again."""
    choices = "\n".join(
        _CHOICE.format(name=escape(p.name), title=escape(p.title), description=escape(p.description)) for p in personas
    )
    hidden = "\n".join(
        f'<input type="hidden" name="{name}" value="{escape(parameters[name])}">'
        for name in FORM_FIELDS
        if name in parameters
    )
    content = _FORM.format(
        client=escape(request.client.title), action=escape(f"{base}/authorize"), hidden=hidden, choices=choices
    )
    return _FRAME.format(title="Choose a persona", style=escape(f"{base}/style.css"), content=content)


def error_page(error: OAuthError, base: str) -> str:
    """The page for an error that may not be told to any redirect URI."""
    content = (
        f'<p class="error" role="alert">{escape(error.message)}</p>\n<p>{escape(error.advice)}</p>\n'
        f"<p><code>{escape(error.code)}</code></p>"
    )
    return _FRAME.format(title="This sign-in cannot go on", style=escape(f"{base}/style.css"), content=content)


def page_headers(redirect_uri: str | None = None) -> dict[str, str]:
    """Headers of both pages: only our style sheet loads, nobody frames them, the form goes here and to the client."""
    targets = "'self'"
    if redirect_uri is not None:
        parts = urlsplit(redirect_uri)
        targets += f" {parts.scheme}://{parts.netloc}"
    policy = f"default-src 'none'; style-src 'self'; form-action {targets}; base-uri 'none'; frame-ancestors 'none'"
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
