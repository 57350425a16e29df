"""What a subgraph says it showed: it travels beside the answer in `extensions.disclosures` and ends in the ledger."""

from dataclasses import dataclass

from authz.decision import Form


@dataclass(frozen=True, slots=True, order=True)
class Disclosure:
    """One subject, in one dataset and form. `key` is the keyed hash of the subject's key, never the key itself.

    `event` is ALTER or ERASE where the record was changed (DPA 2018 s62), REVIEW where it was reviewed, empty where it
    was only shown.
    """

    type: str
    key: str
    dataset: str
    form: Form
    fields: tuple[str, ...]
    policies: tuple[str, ...] = ()
    event: str = ""
