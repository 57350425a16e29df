"""What a power cut leaves: a folder and operations on it in, the files as the disk keeps them out. Writes nothing.

The rules are POSIX's, no file system's favours: content is kept by fsync of the file, a name by fsync of its folder; of
what was not synced anything may be kept. Content whose fsync failed is lost for good, though the process goes on
seeing it and the next fsync succeeds: Linux marks pages clean that it could not write.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

from tests.faults.journal import Kind, Operation

SECTOR = 512

Node: TypeAlias = "File | Folder"
Files: TypeAlias = dict[str, bytes | None]
"""Path below the folder to content; None for a folder."""


@dataclass(frozen=True, slots=True)
class Change:
    """Bytes written at an offset, or (`content` None) a size set."""

    at: int
    content: bytes | None

    def apply(self, file: bytearray) -> None:
        """Make the change; a gap before it reads as zeros."""
        end = self.at + len(self.content or b"")
        file.extend(bytes(max(0, end - len(file))))
        if self.content is None:
            del file[self.at :]
        else:
            file[self.at : end] = self.content

    def torn(self, chance: Random) -> Iterator["Change"]:
        """The sectors of the change that happened to reach the disk, and perhaps its size without all its content."""
        if self.content is None:
            if chance.random() < 0.5:
                yield self
            return
        end = self.at + len(self.content)
        for sector in range(self.at - self.at % SECTOR, end, SECTOR):
            if chance.random() < 0.5:
                start = max(sector, self.at)
                yield Change(start, self.content[start - self.at : sector + SECTOR - self.at])
        if chance.random() < 0.5:
            yield Change(end, b"")


@dataclass(slots=True, eq=False)
class File:
    """Content as processes see it, as it was last synced, and the changes between the two."""

    seen: bytearray = field(default_factory=bytearray)
    kept: bytearray = field(default_factory=bytearray)
    unsynced: list[Change] = field(default_factory=list)

    def change(self, change: Change) -> None:
        """Change what processes see."""
        change.apply(self.seen)
        self.unsynced.append(change)

    def sync(self) -> None:
        """Keep it."""
        for change in self.unsynced:
            change.apply(self.kept)
        self.unsynced = []

    def after_a_cut(self, chance: Random | None) -> bytearray:
        """What is left: nothing that was not synced, or with `chance` some sectors of it."""
        content = bytearray(self.kept)
        parts = (part for change in self.unsynced for part in change.torn(chance)) if chance else ()
        for part in parts:
            part.apply(content)
        return content


@dataclass(slots=True, eq=False)
class Folder:
    """Names as processes see them, as they were last synced, and the changes between the two."""

    seen: dict[str, Node] = field(default_factory=dict)
    kept: dict[str, Node] = field(default_factory=dict)
    unsynced: "list[dict[str, Node | None]]" = field(default_factory=list)

    def change(self, names: "dict[str, Node | None]") -> None:
        """Give each name its file, or take away the name of None, at once."""
        _give(self.seen, names)
        self.unsynced.append(names)

    def sync(self) -> None:
        """Keep them."""
        for names in self.unsynced:
            _give(self.kept, names)
        self.unsynced = []

    def after_a_cut(self, chance: Random | None) -> dict[str, Node]:
        """What is left; with `chance` a beginning of the changes too, as file systems journal names in their order."""
        names = dict(self.kept)
        for change in self.unsynced[: chance.randint(0, len(self.unsynced))] if chance else ():
            _give(names, change)
        return names


def _give(names: dict[str, Node], change: "dict[str, Node | None]") -> None:
    for name, node in change.items():
        names.pop(name, None)
        if node is not None:
            names[name] = node


class Disk:
    """The content of one folder. Names that end with `volatile` are not followed."""

    def __init__(self, folder: Path, volatile: str) -> None:
        """The disk that holds `folder` as it is now, all of it durable."""
        self._volatile = volatile
        self._nodes: dict[int, Node] = {}
        self._root = self._loaded(folder)

    def _loaded(self, path: Path) -> Folder:
        folder = Folder()
        self._nodes[path.stat().st_ino] = folder
        for child in path.iterdir():
            if child.name.endswith(self._volatile):
                continue
            node = self._loaded(child) if child.is_dir() else self._loaded_file(child)
            folder.seen[child.name] = folder.kept[child.name] = node
        return folder

    def _loaded_file(self, path: Path) -> Node:
        content = path.read_bytes()
        return self._nodes.setdefault(path.stat().st_ino, File(bytearray(content), bytearray(content)))

    def apply(self, operation: Operation) -> None:
        """Carry out one operation."""
        match operation.kind:
            case Kind.WRITE:
                self._file(operation).change(Change(operation.number, operation.content))
            case Kind.TRUNCATE:
                self._file(operation).change(Change(operation.number, None))
            case Kind.SYNC:
                self._nodes[operation.inode].sync()
            case Kind.FAILED_SYNC:
                # Names stay to be synced: a file system that cannot keep its journal stops instead of going on.
                if isinstance(file := self._nodes[operation.inode], File):
                    file.unsynced = []
            case Kind.SAID:
                pass
            case _:
                self._name(operation)

    def _name(self, operation: Operation) -> None:
        first, second = operation.names
        folder, name = self._place(first)
        match operation.kind:
            case Kind.CREATE:
                self._nodes[operation.inode] = file = File()
                folder.change({name: file})
            case Kind.FOLDER:
                self._nodes[operation.inode] = new_folder = Folder()
                folder.change({name: new_folder})
            case Kind.UNLINK:
                folder.change({name: None})
            case Kind.LINK:
                other, new = self._place(second)
                other.change({new: folder.seen[name]})
            case Kind.RENAME:
                self._rename(folder, name, *self._place(second))

    def _rename(self, folder: Folder, name: str, other: Folder, new: str) -> None:
        node = folder.seen[name]
        if folder is other:
            folder.change({name: None, new: node})
        else:
            # Two folders are synced apart: the disk may keep both names.
            other.change({new: node})
            folder.change({name: None})

    def _file(self, operation: Operation) -> File:
        node = self._nodes[operation.inode]
        assert isinstance(node, File)
        return node

    def _place(self, path: str) -> tuple[Folder, str]:
        *folders, name = path.split("/")
        folder = self._root
        for part in folders:
            node = folder.seen[part]
            assert isinstance(node, Folder)
            folder = node
        return folder, name

    def seen(self) -> Files:
        """What processes see: what is left when they die and the power stays."""
        return dict(_files(self._root, lambda node: node.seen))

    def after_a_cut(self, chance: Random | None = None) -> Files:
        """What is left when the power goes now: nothing that was not synced, or with `chance` some of it."""
        return dict(_files(self._root, lambda node: node.after_a_cut(chance)))


def _files(node: Node, content: Callable[[Node], Any], path: str = "") -> Iterator[tuple[str, bytes | None]]:
    if isinstance(node, File):
        yield path, bytes(content(node))
        return
    if path:
        yield path, None
    for name, child in content(node).items():
        yield from _files(child, content, f"{path}/{name}" if path else name)
