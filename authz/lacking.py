"""What a caller lacks for more than they are given: the policy that refused first in, words for error and ledger out.

The words name statements, roles, training and datasets; never a governed value, nor whether there is one.
"""

from collections.abc import Mapping

from authz.grounds import Caller, Grounds

LACKING: Mapping[str, str] = {
    "P01.context": "{statements}",
    "P02.standing": "an active account (yours is {standing})",
    "P02.vetting": "vetting that suffices for this (yours is {vetting})",
    "P02.training": "training {training}",
    "P03.in-force": "an agreement in force between {organisation} and the joint controllers",
    "P03.cover": "a line of agreement {agreement} for this field",
    "P03.conditions": "an agreement for reason {reason}, purpose {purpose} and route {route}",
    "P04.system": "approval of the system {system} for {dataset} on route {route}",
    "P05.less-than-full": "a reason and purpose that open {dataset} in full (given: {reason}, {purpose})",
    "P05.less-than-mask": "a reason and purpose that open more of {dataset} (given: {reason}, {purpose})",
    "P05.no-mask": "a reason, purpose and role that open {dataset} in full: this field has no masked form",
    "P05.closed": "a reason and purpose that open {dataset} (given: {reason}, {purpose})",
    "P06.sealed": "a role entitled to {dataset}",
    "P06.full": "a role entitled to {dataset} in full",
    "P06.mask": "a role entitled to more of {dataset}",
    "P06.exists": "a role entitled to {dataset}",
    "P07.medical": "nothing: {dataset} is served to nobody",
    "P07.image-training": "training {training}",
    "P07.image-reason": "reason 1, 4 or 5 (given: {reason})",
    "P08.person": "nothing: a vehicle fraud check is not answered with {dataset}",
}


def lacking(caller: Caller, grounds: Grounds, policy: str) -> tuple[str, ...]:
    """What this caller would need for `policy` not to refuse; every missing statement where these are missing (P01)."""
    if policy == "P01.context":
        return caller.statements_missing
    text = LACKING.get(policy, "permission by policy {policy}").format(
        policy=policy,
        standing=caller.standing,
        vetting=caller.vetting or "none",
        training=", ".join(grounds.training_missing),
        organisation=caller.organisation,
        agreement=caller.agreement,
        reason=caller.reason,
        purpose=caller.purpose,
        route=caller.route,
        system=caller.system,
        dataset=grounds.dataset,
    )
    return (text,)
