"""Coded errors of the generator."""

from schema.errors import CodedError


class DatabaseNotEmpty(CodedError):
    """The database to generate into already holds rows."""

    code = "DATABASE_NOT_EMPTY"
    advice = "Name another database with --database, or delete this one first; nothing was changed."


class DatabaseUnusable(CodedError):
    """The database cannot be opened, or its schema is not the one this program was written for."""

    code = "DATABASE_UNUSABLE"
    advice = "Check that it exists, is a database, is not locked and may be written; nothing was changed."


class PopulationOutOfRange(CodedError):
    """The number of people is not one whose identifiers the never-issued ranges hold."""

    code = "POPULATION_OUT_OF_RANGE"
    advice = "Ask for 1 to 2,500,000 people: the VRM range with age identifiers 00 and 01 ends there."
