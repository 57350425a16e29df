"""Decides which directives live on in the supergraph: federation's own, and those named by @composeDirective."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from graphql.language import DirectiveDefinitionNode, NameNode

from gateway.composition.link import LINK, Feature
from gateway.composition.location import Location, location_of
from gateway.composition.model import Application, Subgraph
from gateway.composition.read_subgraph import read_applications
from gateway.composition.report import Report
from gateway.composition.specifications import COMPOSED, FEDERATION_LIKE, federation_name
from gateway.composition.suggest import did_you_mean


@dataclass(frozen=True, slots=True)
class Request:
    """One subgraph's wish to compose a custom directive: what it calls it, and which feature's directive that is."""

    subgraph: Subgraph
    local: str
    feature: Feature
    name: str
    application: Application


@dataclass(frozen=True, slots=True)
class CustomDirective:
    """A custom directive of the supergraph: its definition and feature come from the newest version composed."""

    local: str
    feature: Feature
    name: str
    definition: DirectiveDefinitionNode


@dataclass(frozen=True, slots=True)
class ComposedDirectives:
    """The directives of the supergraph beside join's: `federation` maps canonical to supergraph names."""

    federation: Mapping[str, str]
    custom: Mapping[str, CustomDirective]
    requested: frozenset[tuple[str, str]]

    def name_of(self, subgraph: Subgraph, application: Application) -> str | None:
        """What an application is called in the supergraph, or None when it does not live on."""
        if application.federation is not None:
            return self.federation.get(application.federation)
        if (subgraph.name, application.name) in self.requested and application.name in self.custom:
            return application.name
        return None


def composed_directives(subgraphs: Sequence[Subgraph], report: Report) -> ComposedDirectives:
    """Validates every @composeDirective and settles the names; each inconsistency is reported."""
    requests = [request for subgraph in subgraphs for request in _requests(subgraph, report)]
    federation = _federation_names(subgraphs, report)
    by_local: dict[str, list[Request]] = {}
    for request in requests:
        by_local.setdefault(request.local, []).append(request)
    mismatched = _version_mismatches(subgraphs, requests, report)
    custom = {}
    for local, sharing in by_local.items():
        if (
            _is_consistent(local, sharing, federation, subgraphs, report)
            and sharing[0].feature.identity not in mismatched
        ):
            newest = _newest_definition(sharing[0], requests, report)
            if newest is not None:
                custom[local] = newest
    _hint_other_names(subgraphs, custom, report)
    return ComposedDirectives(federation, custom, frozenset((r.subgraph.name, r.local) for r in requests))


def _requests(subgraph: Subgraph, report: Report) -> Iterator[Request]:
    for application in subgraph.applications:
        if application.federation == "composeDirective":
            request = _request(subgraph, application, report)
            if request is not None:
                yield request


def _request(subgraph: Subgraph, application: Application, report: Report) -> Request | None:
    written = application.text("name")
    local = (written or "")[1:]
    problem = _problem(subgraph, written)
    if problem is None:
        source = subgraph.links.source_of(local)
        assert source is not None
        feature, name = source
        if feature.identity not in FEDERATION_LIKE and feature.identity != LINK:
            return Request(subgraph, local, feature, name, application)
        if name in COMPOSED:
            message = (
                f'Directive "@{local}" should not be explicitly manually composed since it is a federation directive '
                f"composed by default"
            )
            report.hint("DIRECTIVE_COMPOSITION_INFO", message, f"@{local}", subgraph.at(application))
            return None
        problem = f'Composing federation directive "@{local}" in subgraph "{subgraph.name}" is not supported'
    report.error("DIRECTIVE_COMPOSITION_ERROR", problem, subgraph.at(application))
    return None


def _problem(subgraph: Subgraph, written: str | None) -> str | None:
    """What is wrong with the argument of a @composeDirective, if anything."""
    where = f'in subgraph "{subgraph.name}"'
    if not written:
        return f"Argument to @composeDirective {where} cannot be NULL or an empty String"
    if not written.startswith("@"):
        return f'Argument to @composeDirective "{written}" {where} must have a leading "@"'
    local = written[1:]
    is_federation = federation_name(subgraph.links, local) is not None
    if local not in subgraph.directives and not is_federation:
        near = did_you_mean(written, [f"@{name}" for name in (*subgraph.directives, *COMPOSED)])
        return (
            f'Could not find matching directive definition for argument to @composeDirective "{written}" {where}.{near}'
        )
    if subgraph.links.source_of(local) is None:
        return f'Directive "{written}" {where} cannot be composed because it is not a member of a core feature'
    return None


def _federation_names(subgraphs: Sequence[Subgraph], report: Report) -> dict[str, str]:
    """The name of each federation directive used somewhere; subgraphs that use it must agree."""
    names: dict[str, dict[str, list[Subgraph]]] = {}
    for subgraph in subgraphs:
        for application in {(a.federation, a.name): a for a in used_directives(subgraph)}.values():
            if application.federation in COMPOSED and application.federation != "fromContext":
                by_name = names.setdefault(application.federation or "", {})
                by_name.setdefault(application.name, []).append(subgraph)
    for canonical, by_name in names.items():
        if len(by_name) > 1:
            _report_names(canonical, by_name, report)
    return {canonical: next(iter(by_name)) for canonical, by_name in names.items()}


def used_directives(subgraph: Subgraph) -> Iterator[Application]:
    """Every application in a subgraph, of the schema, its directives, its types and all that is in them."""
    yield from subgraph.applications
    for definition in subgraph.directives.values():
        for item in definition.arguments or ():
            yield from read_applications(subgraph.links, item.directives)
    for owner in subgraph.types.values():
        yield from owner.applications
        for child in owner.children():
            yield from child.applications
        for field in owner.fields.values():
            for argument in field.arguments.values():
                yield from argument.applications


def _report_names(canonical: str, by_name: Mapping[str, list[Subgraph]], report: Report) -> None:
    specification = COMPOSED[canonical]
    url = f"{specification.identity}/v{specification.version[0]}.{specification.version[1]}"
    shown = " but ".join(
        f'"@{name}" in subgraph "{users[0].name}"' for name, users in sorted(by_name.items(), reverse=True)
    )
    message = (
        f'The "@{canonical}" directive (from {url}) is imported with mismatched name between subgraphs: '
        f"it is imported as {shown}"
    )
    links = ((s, s.links.federation) for users in by_name.values() for s in users)
    places = tuple(place for s, feature in links if feature for place in location_of(s.name, feature.node))
    report.error("LINK_IMPORT_NAME_MISMATCH", message, places)


def _at(request: Request) -> tuple[Location, ...]:
    return request.subgraph.at(request.application)


def _version_mismatches(subgraphs: Sequence[Subgraph], requests: Sequence[Request], report: Report) -> set[str]:
    """Features whose major versions differ: an error among those composed, a hint when nothing of them is."""
    failed: set[str] = set()
    composing: dict[str, set[int]] = {}
    linked: dict[str, set[int]] = {}
    for request in requests:
        composing.setdefault(request.feature.identity, set()).add((request.feature.version or (0, 0))[0])
    for feature in (f for s in subgraphs for f in s.links.features):
        if feature.identity not in FEDERATION_LIKE | {LINK}:
            linked.setdefault(feature.identity, set()).add((feature.version or (0, 0))[0])
    for identity, majors in linked.items():
        if len(composing.get(identity, ())) > 1:
            failed.add(identity)
            message = f'Core feature "{identity}" requested to be merged has major version mismatch across subgraphs'
            places = (place for r in requests if r.feature.identity == identity for place in _at(r))
            report.error("DIRECTIVE_COMPOSITION_ERROR", message, tuple(places))
        elif len(majors) > 1 and identity not in composing:
            message = f'Non-composed core feature "{identity}" has major version mismatch across subgraphs'
            report.hint("DIRECTIVE_COMPOSITION_INFO", message)
    return failed


def _is_consistent(
    local: str, sharing: Sequence[Request], federation: Mapping[str, str], subgraphs: Sequence[Subgraph], report: Report
) -> bool:
    """Whether all subgraphs that compose a name mean one directive, and no federation directive goes by it."""
    problem = None
    first = sharing[0]
    conflicting = next((canonical for canonical, name in federation.items() if name == local), None)
    if conflicting is not None:
        users = [s.name for s in subgraphs if any(a.federation == conflicting for a in used_directives(s))]
        problem = (
            f'Directive "@{local}" in subgraph "{first.subgraph.name}" cannot be composed because it conflicts with '
            f'automatically composed federation directive "@{local}". Conflict exists in subgraph(s): '
            f"({','.join(users)})"
        )
    elif len({request.feature.identity for request in sharing}) > 1:
        problem = f'Composed directive "@{local}" is not linked by the same core feature in every subgraph'
    elif len({request.name for request in sharing}) > 1:
        problem = f'Composed directive "@{local}" does not refer to the same directive in every subgraph'
    if problem is not None:
        places = tuple(place for r in sharing for place in r.subgraph.at(r.application))
        report.error("DIRECTIVE_COMPOSITION_ERROR", problem, places)
    return problem is None


def _newest_definition(first: Request, requests: Sequence[Request], report: Report) -> CustomDirective | None:
    """The definition in the subgraph with the newest version of the feature, which must have one."""
    siblings = [request for request in requests if request.feature.identity == first.feature.identity]
    latest = max(request.feature.version or (0, 0) for request in siblings)
    candidates = [request for request in siblings if (request.feature.version or (0, 0)) == latest]
    newest = next((r for r in candidates if _definition_in(r, first.name) is not None), candidates[0])
    definition = _definition_in(newest, first.name)
    if definition is None:
        message = (
            f'Core feature "{newest.feature.url}" in subgraph "{newest.subgraph.name}" does not have a directive '
            f'definition for "@{first.local}"'
        )
        report.error("DIRECTIVE_COMPOSITION_ERROR", message, newest.subgraph.at(newest.application))
        return None
    return CustomDirective(first.local, newest.feature, first.name, _named(definition, first.local))


def _named(definition: DirectiveDefinitionNode, name: str) -> DirectiveDefinitionNode:
    return DirectiveDefinitionNode(
        name=NameNode(value=name),
        description=definition.description,
        arguments=definition.arguments,
        repeatable=definition.repeatable,
        locations=definition.locations,
    )


def _definition_in(request: Request, name: str) -> DirectiveDefinitionNode | None:
    """How the subgraph of a request defines a directive of the same feature, whatever it calls it."""
    directives = request.subgraph.directives
    return directives.get(request.feature.local_directive(name)) or directives.get(name)


def _hint_other_names(subgraphs: Sequence[Subgraph], custom: Mapping[str, CustomDirective], report: Report) -> None:
    """A subgraph that does not compose the directive may call it otherwise; it could not start composing it so."""
    for directive in custom.values():
        for subgraph in subgraphs:
            feature = subgraph.links.feature(directive.feature.identity)
            renamed = feature is not None and any(
                i.name == f"@{directive.name}" and i.alias != f"@{directive.local}" for i in feature.imports
            )
            if renamed:
                message = (
                    f'Composed directive "@{directive.local}" is named differently in a subgraph that doesn\'t '
                    "export it. "
                    f"Consistent naming will be required to export it."
                )
                report.hint("DIRECTIVE_COMPOSITION_WARN", message)
