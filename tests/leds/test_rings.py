"""Key files that gateway and subgraphs share: one each, private, rotated while they are used."""

import stat
from pathlib import Path

import pytest

from leds.keys import KeyExposed, KeyUnusable
from leds.rings import RingFile, ensure_ring, read_ring, rings_in, rotate

NOW = 1_700_000_000


def test_every_subgraph_has_keys_of_its_own_that_last(tmp_path: Path):
    rings = rings_in(tmp_path)
    person, vehicle = (rings(name).signing(NOW) for name in ("person", "vehicle"))
    assert person.secret != vehicle.secret
    assert rings_in(tmp_path)("person").signing(NOW) == person
    assert rings("vehicle").accepted(person.key_id, NOW) is None
    modes = {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "subgraphs").iterdir()}
    assert modes == {0o600}


def test_a_rotation_overlaps_and_both_sides_take_it_up_by_themselves(tmp_path: Path):
    path = ensure_ring(tmp_path, "vehicle")
    gateway, subgraph = RingFile(path, lambda: 0.0), RingFile(path, lambda: 0.0)
    old = gateway.signing(NOW)
    new = rotate(path, NOW, lead=0, overlap=60)
    assert subgraph.accepted(new.key_id, NOW) == new, "an unknown id makes it look"
    assert gateway.signing(NOW).key_id == old.key_id, "not looked yet: the old one still counts"
    assert [subgraph.accepted(old.key_id, NOW + late) is not None for late in (0, 59, 66)] == [True, True, False]
    assert RingFile(path).signing(NOW) == new
    rotate(path, NOW + 100, lead=0, overlap=60)
    assert old.key_id not in {key.key_id for key in read_ring(path).keys}, "what is over is dropped"


def test_a_key_with_a_lead_signs_only_when_everybody_had_time_to_take_it_up(tmp_path: Path):
    path = ensure_ring(tmp_path, "vehicle")
    old = read_ring(path).keys[0]
    new = rotate(path, NOW, lead=60, overlap=60)
    assert [read_ring(path).signing(NOW + after).key_id for after in (0, 59, 60)] == [old.key_id] * 2 + [new.key_id]


def test_a_file_that_became_unreadable_leaves_the_known_keys(tmp_path: Path):
    path = ensure_ring(tmp_path, "vehicle")
    ring = RingFile(path)
    known = ring.signing(NOW)
    path.write_text("nonsense\n")
    assert ring.accepted("unknown", NOW) is None
    assert ring.signing(NOW) == known


@pytest.mark.parametrize("text", ["", "a b\n", "a AAAA 0 -\n", "a ???? 0 -\n", "\xff"])
def test_a_file_that_holds_no_keys_is_refused(tmp_path: Path, text: str):
    path = ensure_ring(tmp_path, "vehicle")
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(KeyUnusable):
        read_ring(path)


def test_a_file_that_others_can_read_is_refused(tmp_path: Path):
    path = ensure_ring(tmp_path, "vehicle")
    path.chmod(0o644)
    with pytest.raises(KeyExposed):
        rings_in(tmp_path)("vehicle")
