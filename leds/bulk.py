"""The configuration's `[bulk]` in; the watch on what callers ask for in bulk out."""

from authz.alerts import AlertSink
from authz.audit.pseudonym import SubjectKey
from authz.bulk.tally import Tally, TallyWindow
from authz.bulk.tally_shared import SharedTally
from authz.bulk.watch import BulkLimits, Watch
from authz.live_facts import FactSource
from authz.policy_set import packaged_policies
from leds.config import Configuration
from leds.errors import ConfigurationError


def tally_of(configuration: Configuration) -> Tally:
    """The counts of this process, or those that all processes keep in Redis or Valkey. Raises ConfigurationError."""
    url = configuration.bulk.url or configuration.nonces.url
    try:
        return SharedTally(url) if url else TallyWindow()
    except ValueError as error:
        raise ConfigurationError(
            "bulk.url is not the URL of a Redis or Valkey server.",
            advice="Write redis://host:6379/0, or leave it out.",
        ) from error


def watch_of(
    configuration: Configuration, facts: FactSource, key: SubjectKey, tally: Tally, alerts: AlertSink
) -> Watch:
    """The watch of a gateway with these limits, which tells `alerts` of what it stops."""
    section = configuration.bulk
    limits = BulkLimits(section.lookups, section.neighbours, section.seconds)
    return Watch(tally, packaged_policies(), lambda: facts.known, key, limits, alerts)
