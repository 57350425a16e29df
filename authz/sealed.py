"""Types that are sealed: a type and a clearance in; whether all that can be had of it is silent to the caller out.

An object of such a type must look as if it were not there. Behind an interface or union its `__typename`, or its place
in a list, would tell that it is.
"""

from graphql import GraphQLObjectType

from authz.decision import Clearance, Decision, Form


def sealing(kind: GraphQLObjectType, clearance: Clearance) -> Decision | None:
    """A decision that seals the type, when every field's is silent; else None."""
    found = None
    for name in kind.fields:
        found = clearance.decision(f"{kind.name}.{name}")
        if found.form is not Form.SILENT:
            return None
    return found
