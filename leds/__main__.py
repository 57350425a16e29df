"""`leds`: runs one command and turns coded errors into a line that says what to do."""

import json
import sys

from leds.commands import application
from schema.errors import CodedError


def main() -> None:
    """Entry point of the `leds` command; exits 2 on a coded error."""
    try:
        application()
    except CodedError as error:
        sys.exit(_report(error, as_json="--json" in sys.argv))


def _report(error: CodedError, *, as_json: bool) -> int:
    if as_json:
        text = json.dumps({"errors": [{"message": error.message, "extensions": error.extensions}]}, default=str)
    else:
        lines = [f"leds: {error.code}: {error.message}", *(f"  {item}" for item in _items(error))]
        text = "\n".join([*lines, *([f"  → {error.advice}"] if error.advice else [])])
    sys.stderr.write(text + "\n")
    return 2


def _items(error: CodedError) -> list[str]:
    return [str(item) for value in error.details.values() if isinstance(value, list | tuple) for item in value]


if __name__ == "__main__":
    main()
