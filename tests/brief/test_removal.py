"""`null` takes out what was inherited or written, and leaves nothing dangling."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import pytest
import yaml

from workbook.brief import BriefError, examples, load, loads
from workbook.plan.complete import Complete, complete
from workbook.plan.demand import demand

BASE = """
system: Notes
populations: {users: 1M}
entities:
  note: {fields: {id: id, picture: ref picture?, text: text}}
  picture: {kind: object, size: 1 MB}
  thumbnail: {size: 10 KB}
  tag: {size: 50 B, count: 1000}
operations:
  write: {does: create note, creates: {tag: 2}, rate: 3 per users per day}
  upload_picture: {does: upload picture, creates: {thumbnail: 1}, rate: 10 % of write}
  view_picture: {does: download picture, rate: 5 per upload_picture}
  read: {does: read note, rate: [5 per write, 2 per view_picture]}
  suggest: {does: search tag, rate: 1 per view_picture}
features:
  writing: {priority: P0, operations: [write, read]}
  pictures: {priority: P0, operations: [upload_picture, view_picture]}
  finding: {operations: [suggest, read]}
integrations:
  scanner: {does: looks for viruses, operations: [upload_picture]}
  mail: {does: sends mail, operations: [write, view_picture]}
capacity:
  bays: {holds: 1 TB, of: entities.picture.bytes_retained}
document: {PRIMARY_READ_OPERATION: view_picture, LANGUAGE: Python}
"""


def removed(**overrides: str) -> Complete:
    """The base with something laid over it."""
    return complete(loads(BASE, overrides=overrides))


def test_a_removed_feature_takes_its_own_operations_and_entities() -> None:
    """What only the feature had is gone, and every list, rate and reference that named it is mended."""
    found = removed(**{"features.pictures": "null"})
    assert list(found.operations) == ["write", "read", "suggest"]
    assert list(found.entities) == ["note", "tag"]
    assert found.entities["note"].fields["picture"].kind == "id"
    assert found.entities["note"].fields["picture"].optional
    assert [r.text for r in found.operations["read"].rate or ()] == ["5 per write"]
    assert found.operations["suggest"].rate is None
    assert list(found.model.features) == ["writing", "finding"]
    assert {n: i.operations for n, i in found.model.integrations.items()} == {"mail": ("write",)}
    assert dict(found.model.capacity) == {}
    assert dict(found.model.document) == {"LANGUAGE": "Python"}
    assert not any("picture" in name for name in demand(found).values)


def test_what_another_feature_lists_stays() -> None:
    """An operation of two features goes with the last of them."""
    found = removed(**{"features.writing": "null"})
    assert "write" not in found.operations
    assert "read" in found.operations
    assert "note" in found.entities


def test_a_removed_operation_leaves_the_entities() -> None:
    """Removing an operation alone takes no entity along, and what followed it is open."""
    found = removed(**{"operations.upload_picture": "null"})
    assert "picture" in found.entities
    assert found.operations["view_picture"].rate is None
    assert found.model.features["pictures"].operations == ("view_picture",)


def test_an_entity_that_is_still_counted_on_stays() -> None:
    """An entity whose count is the base of another is not taken along."""
    text = BASE.replace("tag: {size: 50 B, count: 1000}", "tag: {size: 50 B, count: [thumbnail, 2]}").replace(
        "thumbnail: {size: 10 KB}", "thumbnail: {size: 10 KB, count: 5}"
    )
    assert "thumbnail" in complete(loads(text, overrides={"features.pictures": "null"})).entities


def test_removal_in_the_file_works_on_what_an_archetype_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    """`null` on an inherited feature, entity or operation in the file itself does the same."""
    from workbook.catalog import loader

    class Archetype:
        source = "a test"
        brief: Mapping[str, object] = {k: v for k, v in loads(BASE).raw.items() if k != "system"}

    monkeypatch.setattr(loader, "archetypes", lambda: {"notes": Archetype()})
    found = complete(loads("system: Mine\narchetypes: [notes]\nfeatures: {pictures: null}\n"))
    assert list(found.operations) == ["write", "read", "suggest"]
    assert list(found.entities) == ["note", "tag"]
    found = complete(loads("system: Mine\narchetypes: [notes]\nentities: {thumbnail: null, tag: null}\n"))
    assert list(found.entities) == ["note", "picture"]
    assert "suggest" not in found.operations
    assert dict(found.operations["upload_picture"].creates) == {}
    with pytest.raises(BriefError, match='"thumbnail" is not an entity'):
        complete(
            loads(
                "system: Mine\narchetypes: [notes]\nentities: {thumbnail: null}\noperations: {see: {does: read thumbnail, rate: 1/s}}\n"
            )
        )


@pytest.mark.parametrize("name", examples())
def test_every_feature_of_every_example_can_go(name: str) -> None:
    """Without any one of its features, an example is still a brief, and no name of what is gone is left in its results."""
    whole = complete(load(name))
    for feature, said in whole.model.features.items():
        found = complete(load(name, {f"features.{feature}": "null"}))
        others = {o for f, v in whole.model.features.items() if f != feature for o in v.operations}
        gone = set(said.operations) - others
        assert not gone & set(found.operations)
        assert not {
            e
            for e in set(whole.entities) - set(found.entities)
            if any(n.startswith(f"entities.{e}.") for n in demand(found).values)
        }
        assert not gone & {o for f in found.model.features.values() for o in f.operations}
        found.assumptions  # noqa: B018 - every path of them is still there


def test_a_feature_cut_out_by_hand_is_told_or_clean() -> None:
    """The large chats cut out of the file: what still names them is listed with its line; mended, the brief is whole."""
    raw = copy.deepcopy(dict(load("chat").raw))
    gone = raw["features"].pop("large_chats")["operations"]
    for operation in gone:
        del raw["operations"][operation]
    for entity in ("conversation", "conversation_member"):
        del raw["entities"][entity]
    with pytest.raises(BriefError) as caught:
        complete(loads(yaml.safe_dump(raw, sort_keys=False), name="chat.yaml"))
    message = str(caught.value)
    assert '"conversation" is not an entity' in message
    assert "start_conversation" in message
    for operation in ("list_conversations", "confirm_delivery"):
        raw["operations"].pop(operation, None)
    raw["operations"]["fetch_prekeys"]["rate"] = "0.2 per users per day"
    for feature in raw["features"].values():
        feature["operations"] = [o for o in feature["operations"] if o in raw["operations"]]
    for entity in raw["entities"].values():
        entity["fields"] = {f: "id" if k.startswith("ref conversation") else k for f, k in entity["fields"].items()}
    assert demand(complete(loads(yaml.safe_dump(raw, sort_keys=False)))).total("total_average_qps") > 0
