"""The commands of `leds access` that change access facts: each one is a numbered change that running services take up
with their next request. What can only take access away counts at once; anything else is signed here, with the
approver's key, after it was said what it opens."""

import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from authz.access_survey import survey
from authz.access_table import Widening, widenings
from authz.decide import Decider
from authz.errors import InvalidFactChange
from authz.fact_changes import APPROVED, IN_FORCE, STANDINGS, FactChange, FactState
from authz.facts import ACTIVE
from authz.grounds import Caller
from leds.access_approval import current_decider
from leds.access_facts import FactRegister, opens, proposed, signed, state_with
from leds.approvals import approver_of
from leds.commands.access_output import change_json, change_text, say_json, say_widenings
from leds.config import Configuration, home, load_configuration
from leds.errors import ConfigurationError
from leds.keys import approval_key
from leds.ledger_desk import configured
from leds.progress import bar

By = Annotated[str, typer.Option("--by", help="Who decides this: a name the joint controllers know.")]
Because = Annotated[str, typer.Option("--because", help="Why: the incident, the assessment, the ticket.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON line: the change, and everything that it opens.")]
Quick = Annotated[
    bool, typer.Option("--quick", help="Do not compute what is opened (seconds to a minute for a large agreement).")
]
AgreementId = Annotated[str, typer.Argument(help="Its id, e.g. AGR-COM-01; `leds access list agreements` has them.")]
SystemName = Annotated[str, typer.Argument(help="Its name, e.g. PartnerConnect; `leds access list systems`.")]
OrganisationId = Annotated[str, typer.Argument(help="Its id, e.g. ORG-20; `leds access list organisations`.")]
Subject = Annotated[str, typer.Argument(help="The `sub` of their access tokens, e.g. u-20-4419.")]
Role = Annotated[str, typer.Argument(help="A user role, e.g. partner_vehicle.")]
Dataset = Annotated[str, typer.Argument(help="A dataset, e.g. PNC.PROP.")]
Fields = Annotated[
    list[str] | None,
    typer.Option("--field", help="A coordinate the row is for; repeatable. Without: the whole dataset."),
]
Module = Annotated[list[str], typer.Option("--module", help="A training module, e.g. COP; repeatable.")]

agreement = typer.Typer(no_args_is_help=True, help="Suspend, resume, extend or end an agreement (P03).")
organisation = typer.Typer(no_args_is_help=True, help="Take an organisation out of the directory, or back into it.")
system = typer.Typer(no_args_is_help=True, help="Withdraw or give the approval of a connecting system (P04).")
user = typer.Typer(no_args_is_help=True, help="Suspend or restore one user, or lapse their training (P02).")
entitlement = typer.Typer(no_args_is_help=True, help="What a role may see of a dataset or of named fields (P06).")
GROUPS = {
    "agreement": agreement,
    "organisation": organisation,
    "system": system,
    "user": user,
    "entitlement": entitlement,
}


@agreement.command("suspend")
def suspend_agreement(name: AgreementId, by: By, because: Because, as_json: Json = False) -> None:
    """Suspend an agreement: its organisations are refused (P03) from the next request on; streams end in seconds."""
    _change(("agreements", (name,)), {"state": "SUSPENDED"}, (by, because), as_json)


@agreement.command("resume")
def resume_agreement(name: AgreementId, by: By, because: Because, as_json: Json = False, quick: Quick = False) -> None:
    """Put an agreement in force again. Says what that opens, and signs it."""
    _change(("agreements", (name,)), {"state": IN_FORCE}, (by, because), as_json, quick)


@agreement.command("end")
def end_agreement(name: AgreementId, by: By, because: Because, as_json: Json = False) -> None:
    """End an agreement today."""
    _change(("agreements", (name,)), {"state": "TERMINATED"}, (by, because), as_json)


@agreement.command("extend")
def extend_agreement(
    name: AgreementId,
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Its new last day.")],
    by: By,
    because: Because,
    as_json: Json = False,
    quick: Quick = False,
) -> None:
    """Give an agreement another last day; a later one is signed."""
    _change(("agreements", (name,)), {"end": until.date().isoformat()}, (by, because), as_json, quick)


@organisation.command("remove")
def remove_organisation(name: OrganisationId, by: By, because: Because, as_json: Json = False) -> None:
    """Take an organisation out of the directory: its tokens are refused (ORGANISATION_REFUSED)."""
    _change(("organisations", (name,)), None, (by, because), as_json)


@organisation.command("restore")
def restore_organisation(name: OrganisationId, by: By, because: Because, as_json: Json = False) -> None:
    """Put an organisation back into the directory as it was. Signed."""
    _change(("organisations", (name,)), {}, (by, because), as_json, quick=True)


@system.command("withdraw")
def withdraw_system(name: SystemName, by: By, because: Because, as_json: Json = False) -> None:
    """Withdraw the approval of a connecting system: whoever comes through it is refused (DENY P04)."""
    _change(("systems", (name,)), {"state": "WITHDRAWN"}, (by, because), as_json)


@system.command("approve")
def approve_system(name: SystemName, by: By, because: Because, as_json: Json = False, quick: Quick = False) -> None:
    """Approve a connecting system again. Says what that opens, and signs it."""
    _change(("systems", (name,)), {"state": APPROVED}, (by, because), as_json, quick)


@user.command("suspend")
def suspend_user(subject: Subject, by: By, because: Because, as_json: Json = False) -> None:
    """Suspend a user whatever their token says: refused (DENY P02) from the next request on."""
    _change((STANDINGS, (subject,)), {"state": "SUSPENDED"}, (by, because), as_json)


@user.command("lapse")
def lapse_training(subject: Subject, module: Module, by: By, because: Because, as_json: Json = False) -> None:
    """Let training modules of a user count no more, whatever their token says (P02)."""
    _change((STANDINGS, (subject,)), {"lapsed": ";".join(sorted(set(module)))}, (by, because), as_json)


@user.command("restore")
def restore_user(subject: Subject, by: By, because: Because, as_json: Json = False) -> None:
    """Let a user's token count again as it is: no suspension, no lapsed training. Signed."""
    _change((STANDINGS, (subject,)), {"state": ACTIVE, "lapsed": ""}, (by, because), as_json, quick=True)


@entitlement.command("set")
def set_entitlement(  # noqa: PLR0913 - each parameter is an option of the command line
    role: Role,
    dataset: Dataset,
    form: Annotated[str, typer.Option(help="FULL, MASK, MASK(TYPE) or EXISTS.")],
    by: By,
    because: Because,
    field: Fields = None,
    training: Annotated[
        list[str] | None, typer.Option(help="A training module it needs; repeatable. Default: as it was.")
    ] = None,
    as_json: Json = False,
    quick: Quick = False,
) -> None:
    """Say what a role may see of a dataset, or of named fields of it. What opens more than before is signed."""
    cells = {"form": form} | ({} if training is None else {"needs_training": ";".join(training)})
    _change(("entitlements", (role, dataset, ";".join(field or ()))), cells, (by, because), as_json, quick)


@entitlement.command("remove")
def remove_entitlement(  # noqa: PLR0913 - each parameter is an option of the command line
    role: Role,
    dataset: Dataset,
    by: By,
    because: Because,
    field: Fields = None,
    as_json: Json = False,
    quick: Quick = False,
) -> None:
    """Take a row of entitlements out. One for named fields may have shown less than its dataset's: that is signed."""
    _change(("entitlements", (role, dataset, ";".join(field or ()))), None, (by, because), as_json, quick)


def _change(
    place: tuple[str, tuple[str, ...]],
    cells: dict[str, str] | None,
    said: tuple[str, str],
    as_json: bool,
    quick: bool = False,
) -> None:
    if not all(text.strip() for text in said):
        raise ConfigurationError("A change says who makes it and why.", advice="Give --by and --because.")
    change = asyncio.run(_changed(load_configuration(None, os.environ), place, cells, said, (as_json, quick)))
    # It holds already: what takes access away waits for no ledger.
    configured(f"access.{change.table}", str(change.number), {"by": change.by, "because": change.because})


async def _changed(
    configuration: Configuration,
    place: tuple[str, tuple[str, ...]],
    cells: dict[str, str] | None,
    said: tuple[str, str],
    how: tuple[bool, bool],
) -> FactChange:
    register, (as_json, quick) = FactRegister(configuration), how
    try:
        state, _ = await register.read()
        change = proposed(state, place, cells, said, datetime.now(UTC))
        after = state_with(state, change)
        if after.changed == state.changed:
            raise InvalidFactChange(f"{' '.join(filter(None, place[1]))} is so already: nothing is written.")
        opening, opened = opens(state, change), ()
        if opening:
            key = approval_key(home(os.environ) / "keys")
            opened = () if quick else _opened(state, after, change)
            if not as_json and not quick:
                say_widenings(opened)
            change = signed(change, key)
            _require_trusted(configuration, change)
        await register.write(change)
    finally:
        await register.close()
    if as_json:
        say_json(change_json(change, opening, opened))
    else:
        typer.echo(f"{change_text(change)}\nrunning services take it up with their next request")
    return change


def _require_trusted(configuration: Configuration, change: FactChange) -> None:
    if not approver_of(configuration).verify(change.signed, change.signature):
        raise ConfigurationError(
            "The key under LEDS_HOME is not the one that services trust (access.approver).",
            advice="Run the command where the approver's key is.",
        )


def _opened(before: FactState, after: FactState, change: FactChange) -> Sequence[Widening]:
    """What a change opens to the classes of callers that it concerns."""
    rules, on = current_decider().rules, datetime.now(UTC).date()
    with bar("asking the callers it concerns") as report:
        old, new = (
            survey(Decider(rules, state.facts()), on, report=report, callers=lambda caller: _concerns(change, caller))
            for state in (before, after)
        )
    return widenings(old, new)


def _concerns(change: FactChange, caller: Caller) -> bool:
    named = {
        "agreements": (caller.agreement,),
        "systems": (caller.system,),
        "entitlements": caller.roles,
        "organisations": (caller.organisation,),
    }
    return change.key[0] in named.get(change.table, ())
