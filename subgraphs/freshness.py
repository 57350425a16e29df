"""How fresh a copy is: dataset and seconds behind its source in, the code of `replication_states` out (P17).

Stale data are shown with this banner, never withheld: an old warning is better than none. Limits: scenarios 14.
"""

from collections.abc import Mapping

IN_SYNC, LAGGING, STALE = "IN_SYNC", "LAGGING", "STALE"
_DAY = 24 * 60 * 60
# By the beginning of a dataset's code: the most seconds behind that are in step, and that are not stale.
_LIMITS: Mapping[str, tuple[int, int]] = {
    "PNC.NAMES": (30, 120),
    "PNC.VEH": (60, 300),
    "DVLA": (_DAY, _DAY),
}
_OTHERS = (60, 300)


def replication_state(dataset: str, lag_seconds: int | None) -> str | None:
    """The state of a copy; None where nobody says how far it is behind."""
    if lag_seconds is None:
        return None
    lagging, stale = next((found for name, found in _LIMITS.items() if dataset.startswith(name)), _OTHERS)
    if lag_seconds > stale:
        return STALE
    return LAGGING if lag_seconds > lagging else IN_SYNC
