"""Build hook: GraphiQL from `gateway/graphiql` with the locked npm packages, using Node from its Python wheel.

Nothing minified is committed. Without npm registry access the package still builds, with a notice and without GraphiQL.
"""

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class GraphiqlBuildHook(BuildHookInterface):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict) -> None:
        """Build the bundle unless its stamp says that it is already built from these sources."""
