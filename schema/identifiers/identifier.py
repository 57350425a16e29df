"""What an identifier is: a rule that turns text into its canonical form, or refuses it with a code."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from schema.errors import CodedError

LONGEST_TEXT = 64


class Validity(Enum):
    """The answers of a check (entities 2.1); SPECIMEN is a never-issued range, accepted only in a synthetic world."""

    VALID = "VALID"
    SPECIMEN = "SPECIMEN"
    INVALID = "INVALID"


class InvalidIdentifier(CodedError):
    """Text that does not follow an identifier's rule; `code` is the identifier's own, the text is never echoed."""

    code = "INVALID_IDENTIFIER"
    status = 400

    def __init__(self, identifier: "Identifier") -> None:
        super().__init__(
            f"Not a valid {identifier.name}: {identifier.rule}, for example {identifier.example}.",
            advice="Check the value against its source and send it again.",
            details={"scalar": identifier.name},
        )
        self.code = identifier.code


def _never(_canonical: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Identifier:
    """One kind of identifier; `canonical` answers the canonical form of upper-cased ASCII text, or None."""

    name: str
    code: str
    description: str
    rule: str
    example: str
    canonical: Callable[[str], str | None]
    specimen: Callable[[str], bool] = _never

    @property
    def specified_by(self) -> str:
        """The address of the rule, for `@specifiedBy`."""
        return f"https://specs.leds.example/identifiers/v1.0#{self.name}"

    def parse(self, text: object) -> str:
        """The canonical form of `text`. Raises InvalidIdentifier. Specimens pass: the rule holds for them too."""
        canonical = self._canonical_or_none(text)
        if canonical is None:
            raise InvalidIdentifier(self)
        return canonical

    def check(self, text: object, *, synthetic: bool = True) -> Validity:
        """Whether `text` follows the rule, and whether it comes from a range that is never issued (entities 2.1)."""
        canonical = self._canonical_or_none(text)
        if canonical is None:
            return Validity.INVALID
        if not self.specimen(canonical):
            return Validity.VALID
        return Validity.SPECIMEN if synthetic else Validity.INVALID

    def _canonical_or_none(self, text: object) -> str | None:
        if not isinstance(text, str) or len(text) > LONGEST_TEXT or not text.isascii():
            return None
        return self.canonical(text.strip().upper())
