"""Record controls of a block's nominals: the few whose record is stricter than its type (entities 3.4)."""

from leds.data.dice import Weighted
from leds.data.people import person_key
from leds.data.population import STATIONS, Block, Rows

COLUMNS = {
    "record_control": ("subject_type", "subject_key", "kind", "owner", "area", "from_date", "to_date", "note"),
}
_SHARE = 0.006
# grc is not generated: it needs a former name, and those are never generated (entities 2.1).
_KINDS = Weighted(
    {"victim_witness": 0.5, "hold": 0.16, "high_profile": 0.1, "s47": 0.1, "protected": 0.08, "sealed": 0.06}
)


def add_controls(block: Block, rows: Rows) -> None:
    """Put about one nominal in 170 under a control of the force that set it; some controls have been lifted."""
    dice, calendar = block.dice, block.world.calendar
    for place in range(block.people):
        if dice.chance(_SHARE):
            since = calendar.today - 30 - dice.below(1_500)
            until = calendar.iso(since + 20) if dice.chance(0.1) else None
            owner = dice.draw(STATIONS)[:2]
            rows["record_control"].append(
                ("Person", person_key(block, place), dice.draw(_KINDS), owner, None, calendar.iso(since), until, None)
            )
