"""Coded errors of the command line and the composition root."""

from schema.errors import CodedError


class ConfigurationError(CodedError):
    """A key or value of `leds.toml` or the environment that is unknown or bad."""

    code = "CONFIGURATION_INVALID"


class PortInUse(CodedError):
    """Another process listens where the service wants to."""

    code = "PORT_IN_USE"
    advice = "Stop the other process, or choose another port: `LEDS_GATEWAY_PORT=9000 leds demo`, else `--port 9000`."


class NoRunningDemo(CodedError):
    """A command needs the demo's keys or ledger and there are none."""

    code = "NO_DEMO"
    advice = "Start it with `make run` (or `leds demo`); LEDS_HOME says where it keeps its state."


class UnknownName(CodedError):
    """A name given on the command line that is not one of the choices."""

    code = "UNKNOWN_NAME"


class UngovernedSchema(CodedError):
    """The governed service refuses to start: fields, arguments or values carry neither a dataset nor @open (law 7)."""

    code = "SCHEMA_UNTAGGED"
    advice = (
        "Tag each coordinate with @dataset, @open or @reads in its subgraph; `schema/fields.csv` is the dictionary."
    )


class FileProblem(CodedError):
    """A file given on the command line cannot be read or makes no sense."""

    code = "FILE_UNREADABLE"


class OutputExists(CodedError):
    """The file to be written is there already."""

    code = "FILE_EXISTS"
    advice = "Choose another name, or replace the file with --force."


class OutputFailed(CodedError):
    """A file that was to be written could not be: nothing of it is left."""

    code = "FILE_UNWRITABLE"
    advice = "Check the folder, its permissions and the space that is left; what was there before is unchanged."


class DemoNotReady(CodedError):
    """The demo started but does not answer its own main query."""

    code = "DEMO_NOT_READY"
    status = 503
    advice = (
        "Stop whatever else holds the demo database under LEDS_HOME and start again; then delete it and start again; "
        "if it stays, report the codes."
    )


class RowInvalid(CodedError):
    """A row given on standard input is not JSON, or lacks what its command reads."""

    code = "ROW_INVALID"
    advice = "One JSON object a line, in UTF-8; `leds compose --help` and `leds inspect --help` name its members."


class DatabaseNewer(CodedError):
    """A database whose schema revision this program does not know."""

    code = "DATABASE_NEWER"
    advice = "Use the version of the program that made it, or another database."
