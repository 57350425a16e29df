"""The survey behind an access table: every class of callers asked once. In: rules, facts, policies; out: `AccessTable`.

Asked is a caller whom nothing else stops: active, fully vetted and trained, with complete statements, on an approved
system. Where a table (matrix, entitlement, agreement, system) opens nothing, the caller is not asked; that each of
those closes on its own is asked of the policies, label by label, and kept as `unguarded`.
"""

import hashlib
import inspect
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from authz import row_rules
from authz.access_table import CLOSED, INHERITED, OPEN, AccessTable, cell_of, higher
from authz.answers import ACTIONS
from authz.decide import Decider
from authz.facts import ANY, Agreement, Facts, Organisation, System, packaged_facts
from authz.grounds import OPENS, Caller, Grounds
from authz.labels import NO_WAY
from authz.policy_set import Policies, Question, packaged_policies
from authz.row_rules import ROW_RULES
from authz.rules import Rule, Rules

FULL = 3
# What a caller may lack, as the grounds and the caller that lack it and nothing else.
_OPEN = Grounds("", "", True, FULL, FULL, (), True, True, True, True, True, True)
_LACKING: Mapping[str, Grounds] = {
    "a reason and purpose that open it": replace(_OPEN, matrix=0),
    "an entitled role": replace(_OPEN, entitlement=0),
    "training": replace(_OPEN, training_missing=("COP",)),
    "vetting": replace(_OPEN, vetting_suffices=False),
    "an agreement in force": replace(_OPEN, agreement_in_force=False),
    "an agreement that holds": replace(_OPEN, agreement_holds=False),
    "an agreement that covers it": replace(_OPEN, agreement_covers=False, agreement_names=False),
    "an approved system": replace(_OPEN, system_approved=False),
}


@dataclass(frozen=True, slots=True)
class _Ask:
    """One caller to ask, and what the tables open to it: dataset → matrix height."""

    caller: Caller
    opened: tuple[tuple[str, int], ...]
    agreement: Agreement
    system: System

    def signature(self, policies: Policies) -> tuple[object, ...]:
        """Equal signatures get equal answers."""
        caller = self.caller
        stated = map(policies.told_apart, (caller.reason, caller.purpose, caller.route))
        terms = (self.agreement.datasets, self.agreement.fields, self.system.datasets)
        return (caller.organisation_kind, caller.roles, self.opened, *terms, *stated)


def survey(
    decider: Decider,
    on: date,
    *,
    every: int = 1,
    only: Collection[str] | None = None,
    callers: Callable[[Caller], bool] = lambda _caller: True,
    report: Callable[[int, int], None] = lambda _done, _total: None,
) -> AccessTable:
    """The access table of these rules, facts and policies on a day; takes about a minute.

    `every` n-th caller only, for a spot check; `only` these datasets and coordinates, or these `callers`, in seconds:
    no cell of such a table is higher than the whole survey's.
    """
    classes = _narrowed(_classes(decider), only)
    datasets = {dataset for rules in classes.values() for dataset in rules[0].datasets}
    asked = [ask for ask in _asks(decider.facts, on) if callers(ask.caller)][::every]
    asks = [ask for ask in asked if any(name in datasets for name, _ in ask.opened)]
    answers: dict[tuple[object, ...], Mapping[str, str]] = {}
    cells: dict[tuple[str, str], dict[str, str]] = {}
    for done, ask in enumerate(asks, 1):
        signature = ask.signature(decider.policies)
        if signature not in answers:
            answers[signature] = _answer(decider, ask, classes)
            report(done, len(asks))
        caller = f"{ask.caller.organisation_kind} {ask.caller.roles[0]}"
        found = cells.setdefault((caller, ask.caller.purpose), {})
        for name, cell in answers[signature].items():
            found[name] = higher(found.get(name, CLOSED), cell)
    report(len(asks), len(asks))
    coordinates = {name: tuple(sorted(rule.coordinate for rule in rules)) for name, rules in classes.items()}
    profiles, profiled = _profiles(cells)
    return AccessTable(
        coordinates=MappingProxyType(coordinates),
        profiles=profiles,
        callers=profiled,
        unguarded=unguarded(decider, on),
        sources=sources(decider),
        open=_undecided(decider.rules, only),
        inputs=_reads(decider.rules, only),
    )


def survey_beyond(
    table: AccessTable, decider: Decider, on: date, *, report: Callable[[int, int], None] = lambda _done, _total: None
) -> AccessTable:
    """A survey in which everything is that could be wider than in `table`.

    Where only the rules are others, asked is about the coordinates that are not in the class they were in: seconds.
    """
    if any(table.sources.get(name) != version for name, version in sources(decider).items() if name != "rules"):
        return survey(decider, on, report=report)
    known = {coordinate: name for name, found in table.coordinates.items() for coordinate in found}
    moved = {
        rule.coordinate
        for name, rules in _classes(decider).items()
        for rule in rules
        if known.get(rule.coordinate) != name
    }
    only = moved.union(_undecided(decider.rules, None), decider.rules.inputs)
    return survey(decider, on, only=only, report=report)


def sources(decider: Decider) -> Mapping[str, str]:
    """The versions of all that a table follows from: it is out of date when one differs."""
    return sources_of(decider.rules, decider.facts, decider.policies)


def sources_of(rules: Rules, facts: Facts | None = None, policies: Policies | None = None) -> Mapping[str, str]:
    """As `sources`, of these rules, by default with the packaged facts and policies."""
    rows = hashlib.sha256(inspect.getsource(row_rules).encode()).hexdigest()
    versions = {"rules": rules, "facts": facts or packaged_facts(), "policies": policies or packaged_policies()}
    return MappingProxyType({name: found.version for name, found in versions.items()} | {"row rules": rows})


def _profiles(
    cells: Mapping[tuple[str, str], Mapping[str, str]],
) -> tuple[Mapping[str, Mapping[str, str]], Mapping[str, Mapping[str, str]]]:
    """Profiles by name, and the profile of each caller and purpose that can see anything."""
    profiles: dict[str, Mapping[str, str]] = {}
    callers: dict[str, dict[str, str]] = {}
    for (caller, purpose), found in cells.items():
        opened = {name: cell for name, cell in sorted(found.items()) if cell != CLOSED}
        if opened:
            profile = f"P{_short(repr(opened))}"
            profiles[profile] = MappingProxyType(opened)
            callers.setdefault(caller, {})[purpose] = profile
    return MappingProxyType(profiles), MappingProxyType(callers)


def _answer(decider: Decider, ask: _Ask, classes: Mapping[str, Sequence[Rule]]) -> Mapping[str, str]:
    opened = {dataset for dataset, _ in ask.opened}
    asked = {name: rules[0] for name, rules in classes.items() if opened.issuperset(rules[0].datasets)}
    decisions = decider.decisions(ask.caller, list(asked.values()))
    return {name: cell_of(decisions[rule.coordinate]) for name, rule in asked.items()}


def _classes(decider: Decider) -> Mapping[str, Sequence[Rule]]:
    """The coordinates that a caller can name, by all that decisions depend on, under a stable name."""
    facts = decider.facts
    named = facts.entitled_fields.union(*(agreement.fields for agreement in facts.agreements.values()))
    found: dict[str, list[Rule]] = {}
    for rule in sorted(decider.rules.fields.values(), key=lambda rule: rule.coordinate):
        if rule.datasets and not rule.internal and not rule.concrete:
            ways = [decider.ways.get((rule.coordinate, dataset), NO_WAY) for dataset in rule.datasets]
            told_ways = [(sorted(named.intersection(names)), flag) for names, flag in ways]
            rows = [name for name, row_rule in ROW_RULES.items() if row_rule.covers(rule.coordinate)]
            own = rule.coordinate if rule.coordinate in named else ""
            told = (rule.mask, rule.write, own, told_ways, rows)
            found.setdefault(f"C{_short(repr((rule.datasets, rule.sensitivity, told)))}", []).append(rule)
    return found


def _narrowed(classes: Mapping[str, Sequence[Rule]], only: Collection[str] | None) -> Mapping[str, Sequence[Rule]]:
    """The classes without what is neither of these datasets nor one of these coordinates."""
    if only is None:
        return classes
    kept = {
        name: [rule for rule in rules if rule.coordinate in only or any(name in only for name in rule.datasets)]
        for name, rules in classes.items()
    }
    return {name: rules for name, rules in kept.items() if rules}


def _undecided(rules: Rules, only: Collection[str] | None) -> Mapping[str, str]:
    """The outputs that a caller can name and no dataset decides about."""
    found = {
        name: OPEN if rule.open else INHERITED
        for name, rule in sorted(rules.fields.items())
        if (rule.open or rule.inherits) and not rule.internal and (only is None or name in only)
    }
    return MappingProxyType(found)


def _reads(rules: Rules, only: Collection[str] | None) -> Mapping[str, tuple[str, ...]]:
    """What each input reads; of `only` these coordinates, the inputs that are among them or read one of them."""
    found = {
        name: reads
        for name, reads in sorted(rules.inputs.items())
        if only is None or name in only or any(read in only for read in reads)
    }
    return MappingProxyType(found)


def _asks(facts: Facts, on: date) -> Iterator[_Ask]:
    parties = {(each.agreement, each.kind): each for each in reversed(list(facts.organisations.values()))}
    for organisation in parties.values():
        agreement = facts.agreements[organisation.agreement]
        for system, route in _connections(facts, organisation, agreement):
            base = _caller(facts, organisation, system, route, on)
            for reason, purpose in _grounds(facts, agreement):
                for role in sorted(facts.roles):
                    caller = replace(base, roles=(role,), reason=reason, purpose=purpose)
                    if opened := tuple(_opened(facts, caller, agreement, system)):
                        yield _Ask(caller, opened, agreement, system)


def _connections(facts: Facts, party: Organisation, agreement: Agreement) -> Iterator[tuple[System, str]]:
    for system in facts.systems.values():
        if system.state == "APPROVED" and not system.organisations.isdisjoint((ANY, party.id)):
            yield from ((system, route) for route in sorted(system.routes & agreement.routes))


def _grounds(facts: Facts, agreement: Agreement) -> Iterator[tuple[str, str]]:
    for reason in facts.reasons.values():
        if reason.code in agreement.reasons:
            yield from ((reason.code, purpose) for purpose in sorted(reason.purposes & agreement.purposes))


def _caller(facts: Facts, organisation: Organisation, system: System, route: str, on: date) -> Caller:
    return Caller(
        organisation=organisation.id,
        organisation_kind=organisation.kind,
        agreement=organisation.agreement,
        roles=(),
        route=route,
        system=system.name,
        vetting=_best_vetting(facts, organisation.kind),
        training=facts.training,
        standing="ACTIVE",
        reason="",
        purpose="",
        statements_missing=(),
        day=on,
    )


def _best_vetting(facts: Facts, kind: str) -> str | None:
    suffices = [[v.suffices(kind, write=False), v.suffices(kind, write=True), v.code] for v in facts.vetting.values()]
    return max(suffices)[2] if suffices else None


def _opened(facts: Facts, caller: Caller, agreement: Agreement, system: System) -> Iterator[tuple[str, int]]:
    """The datasets that agreement, system, role and matrix all name for this caller, with the matrix' height."""
    for dataset in sorted(agreement.datasets):
        entitled = (caller.roles[0], dataset) in facts.entitlements
        if entitled and not system.datasets.isdisjoint((ANY, dataset)):
            rows = facts.matrix.get((caller.reason, caller.purpose, dataset), ())
            opening = [row for row in rows if caller.organisation_kind in row.kinds]
            heights = [OPENS[row.form] for row in opening if not row.roles or caller.roles[0] in row.roles]
            if heights:
                yield dataset, max(heights)


def unguarded(decider: Decider, on: date) -> Mapping[str, tuple[str, ...]]:
    """For every condition the labels that stay open, in whatever form and for whatever reason, while it is lacking."""
    facts = decider.facts
    labels = sorted({(name, rule.sensitivity) for rule in decider.rules.fields.values() for name in rule.datasets})
    organisation = next(iter(facts.organisations.values()))
    system = next(iter(facts.systems.values()))
    anyone = replace(_caller(facts, organisation, system, "DIRECT", on), roles=tuple(sorted(facts.roles)))
    callers = [replace(anyone, reason=reason) for reason in sorted(facts.reasons)]
    found = {name: _still_open(decider, callers, grounds, labels) for name, grounds in _LACKING.items()}
    inactive = [replace(caller, standing="SUSPENDED") for caller in callers]
    silent = [replace(caller, statements_missing=("justification",)) for caller in callers]
    found["an active account"] = _still_open(decider, inactive, _OPEN, labels)
    found["complete statements"] = _still_open(decider, silent, _OPEN, labels)
    return MappingProxyType(found)


def _still_open(
    decider: Decider, callers: Iterable[Caller], grounds: Grounds, labels: Sequence[tuple[str, str]]
) -> tuple[str, ...]:
    found: set[str] = set()
    for caller in callers:
        entities = decider.entities(caller)
        asked = [f"{dataset} {sensitivity}" for dataset, sensitivity in labels for _ in ACTIONS]
        actions = [action for _ in labels for action, _ in ACTIONS]
        facts = grounds.as_facts(caller)
        questions = [
            Question(caller.organisation, action, label, facts) for action, label in zip(actions, asked, strict=True)
        ]
        verdicts = decider.policies.ask(questions, entities)
        found.update(label for label, verdict in zip(asked, verdicts, strict=True) if verdict.permitted)
    return tuple(sorted(found))


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
