"""`leds.toml` and the environment in; one frozen configuration out. Unknown keys and bad values are refused by name."""

import os
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

from leds.errors import ConfigurationError

ENVIRONMENT_PREFIX = "LEDS_"
# Variables of the project that are no configuration keys.
RESERVED = {"LEDS_HOME", "LEDS_CONFIG", "LEDS_SHARED", "LEDS_SKIP_GRAPHIQL"}

# Keys whose environment variables hold several values, separated by commas.
LISTS = {("gateway", "override_labels")}

Port = Annotated[int, msgspec.Meta(ge=0, le=65_535)]
AtLeastOne = Annotated[int, msgspec.Meta(ge=1)]
NotNegative = Annotated[int, msgspec.Meta(ge=0)]


class GatewaySection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The HTTP edge. Times in milliseconds, sizes in bytes; the progressive `@override` labels that are on."""

    host: str = "127.0.0.1"
    port: Port = 8000
    deadline_ms: AtLeastOne = 10_000
    subgraph_deadline_ms: AtLeastOne = 5_000
    max_body_bytes: AtLeastOne = 256 * 1024
    max_tokens: AtLeastOne = 15_000
    max_reply_bytes: AtLeastOne = 32 * 1024 * 1024
    override_labels: tuple[str, ...] = ()


class LimitsSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The most one request may be. Of its document: levels of brackets and of fields, and, with fragments spread out,
    fields, aliases, directives, fields at the root, questions about the schema; definitions. Of its variables: items of
    a list, levels, items of a page. Subscriptions of one identity, of one socket and of all."""

    nesting: NotNegative = 100
    depth: NotNegative = 50
    fields: NotNegative = 10_000
    aliases: NotNegative = 1_000
    directives: NotNegative = 500
    root_fields: NotNegative = 200
    introspections: NotNegative = 5
    fragments: NotNegative = 200
    list_items: NotNegative = 1_000
    variable_nesting: NotNegative = 50
    page: NotNegative = 10_000
    subscriptions_per_identity: NotNegative = 20
    subscriptions_per_connection: NotNegative = 20
    subscriptions: NotNegative = 2_000


class DatabaseSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the products' records are: an SQLAlchemy URL; empty means the demo's SQLite file under LEDS_HOME."""

    url: str = ""


class IdentitySection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The OpenID Connect issuer whose access tokens are accepted; empty means the demo issuer (demo profile only)."""

    issuer: str = ""
    audience: str = "leds-graph"


class LedgerSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The disclosure ledger: an SQLite file, or with `url` (`postgresql://…`) tables there; and the checkpoint kept
    outside it. `log` names the log of this process where several write one ledger: each its own. `spool` takes
    officer-safety data while the database cannot be written, up to a size in bytes; it belongs on another disk. Empty
    means under LEDS_HOME."""

    path: str = ""
    url: str = ""
    checkpoint: str = ""
    log: str = ""
    spool: str = ""
    max_spool_bytes: AtLeastOne = 64 * 1024 * 1024


class NoncesSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where subgraphs remember the signatures they have seen: `redis://…` when several processes serve one subgraph;
    empty means in each process."""

    url: str = ""


class BulkSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much one caller may look up within `seconds`: distinct look-ups, and distinct neighbouring identifiers.
    Processes of one gateway count together in `url` (`redis://…`; empty: where the nonces are, else each alone)."""

    lookups: AtLeastOne = 1_000
    neighbours: AtLeastOne = 20
    seconds: AtLeastOne = 3_600
    url: str = ""


class AccessSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What changes about access while the service runs. `url`: `redis://…`, where changes of access facts are kept when
    processes have no LEDS_HOME in common (empty: in a file there). `approver`: the public key (PEM) whose signature
    lets something be opened; `approvals`: the file of what was approved (empty: both under LEDS_HOME)."""

    url: str = ""
    approver: str = ""
    approvals: str = ""


class SubgraphSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One subgraph: `app` (`module:attribute`) runs in this process; `url` is called, with `sdl` as its schema file."""

    app: str = ""
    url: str = ""
    sdl: str = ""


class Configuration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole configuration with its defaults: the embedded run needs no file at all."""

    gateway: GatewaySection = msgspec.field(default_factory=GatewaySection)
    limits: LimitsSection = msgspec.field(default_factory=LimitsSection)
    database: DatabaseSection = msgspec.field(default_factory=DatabaseSection)
    identity: IdentitySection = msgspec.field(default_factory=IdentitySection)
    ledger: LedgerSection = msgspec.field(default_factory=LedgerSection)
    nonces: NoncesSection = msgspec.field(default_factory=NoncesSection)
    bulk: BulkSection = msgspec.field(default_factory=BulkSection)
    access: AccessSection = msgspec.field(default_factory=AccessSection)
    subgraphs: dict[str, SubgraphSection] = msgspec.field(default_factory=dict)


def load_configuration(file: Path | None, environment: Mapping[str, str]) -> Configuration:
    """The configuration from `file` (default: `leds.toml` in the working directory) and the environment.

    `LEDS_<SECTION>_<KEY>` overrides a key, e.g. `LEDS_GATEWAY_PORT=9000`.

    Raises:
        ConfigurationError: a file that cannot be read, an unknown key or a bad value, each by name.
    """
    document = _read(file or _default_file(environment))
    for name, value in sorted(environment.items()):
        if name.startswith(ENVIRONMENT_PREFIX) and name not in RESERVED:
            _override(document, name, value)
    try:
        return msgspec.convert(document, Configuration, strict=False)
    except msgspec.ValidationError as error:
        message = str(error).replace(" - at `$.", " at `").replace("`$`", "the top level")
        raise ConfigurationError(f"Bad configuration: {message}.", advice="Correct the key by that name.") from error


def home(environment: Mapping[str, str]) -> Path:
    """Where a demo keeps its databases and keys: `LEDS_HOME`, else `.leds` beside the virtual environment."""
    if chosen := environment.get("LEDS_HOME"):
        return Path(chosen).expanduser().absolute()
    if sys.prefix != sys.base_prefix:
        return Path(sys.prefix).parent / ".leds"
    return Path(environment.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "leds"


def _default_file(environment: Mapping[str, str]) -> Path | None:
    if chosen := environment.get("LEDS_CONFIG"):
        return Path(chosen)
    file = Path("leds.toml")
    return file if file.exists() else None


def _read(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            f"The configuration file {file} cannot be read: {os.strerror(error.errno or 0)}.",
            advice="Correct the path given with --config or LEDS_CONFIG, or leave both out: every key has a default.",
        ) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(
            f"The configuration file {file} is not UTF-8 text: line {line}.", advice="Save it as UTF-8."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            f"The configuration file {file} is not valid TOML: {error}.",
            advice='Correct that line: a section is `[gateway]`, a key `port = 9000`, a text stands in "quotes".',
        ) from error


def _override(document: dict[str, Any], name: str, value: str) -> None:
    section, _, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().partition("_")
    known = {field.name for field in msgspec.structs.fields(Configuration)} - {"subgraphs"}
    if section not in known or not key:
        raise ConfigurationError(
            f"The environment variable {name} is not a configuration key.",
            advice=f"Variables are LEDS_<SECTION>_<KEY> with a section of {', '.join(sorted(known))}; unset {name}.",
        )
    read = [part.strip() for part in value.split(",") if part.strip()] if (section, key) in LISTS else value
    document[section] = dict(document.get(section, {})) | {key: read}
