"""Whole reports: if a command would look at just what it saw before, it would say the same."""

from __future__ import annotations

import os
import sys

from flask_gotchas.cache.keys import decoded, encoded, packages
from flask_gotchas.streams import Stdout, say
from flask_gotchas.ways import DIGEST_SIZE, WAYS

TYPE_CHECKING = False  # a run in which nothing has changed does without typing
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flask_gotchas.cache.folder import CacheFolder
    from flask_gotchas.disk import Watch

    # A way of looking and a path, the three parts of a stamp, and a digest.
    _Look = tuple[str, str, int, int, int, bytes]

# Options that only choose what to look for, or that the answer names. With any other one a command
# may do more than to report.
_OPTIONS = frozenset(
    {
        "--cache-dir", "--exclude", "--exit-zero", "--extend-exclude", "--extend-ignore",
        "--extend-select", "--ignore", "--isolated", "--jobs", "--output-format",
        "--output-file", "--per-file-ignores", "--select", "--statistics",
    }
)  # fmt: skip

# What GitHub may be told by a line, and what stands before other places in a report for people.
_COMMANDS = ("::error ", "::warning ", ":::")
_UNSURE = (0, 0, 0)  # the stamp that says nothing


class Answer:
    """What a command has to say, and its exit status.

    `pages` are texts with the file for each, which is empty for stdout; `said` goes to stderr.
    """

    def __init__(self, pages: list[tuple[str, str]], said: str, status: int) -> None:
        self.pages = pages
        self.said = said
        self.status = status

    def show(self) -> None:
        """Write it all; raises OSError for what cannot be written."""
        for path, text in self.pages:
            if path:
                try:
                    with open(
                        path, "w", encoding="utf-8", errors="backslashreplace", newline="\n"
                    ) as file:
                        file.write(text)
                except OSError as error:
                    error.filename = path  # which only some errors have
                    raise
            else:
                with Stdout() as out:
                    out.write(text)
        say(self.said)

    def is_harmless(self, arguments: Sequence[str]) -> bool:
        """Tell whether reporters may have written this for a command with such arguments.

        Somebody else may have put it there: it must neither command a terminal or a build, nor
        write files that the command does not name.
        """
        files = {"", *_files_named_in(arguments)}
        return _is_harmless(self.said) and all(
            path in files and _is_harmless(text) for path, text in self.pages
        )


def find(folder: CacheFolder, key: str, arguments: Sequence[str]) -> Answer | None:
    """Give the answer that a command had before, if it would see nothing else now.

    `key` is the one that `report_key` gives for the arguments of the command.
    """
    data = folder.get("report", key)
    if data is None:
        return None
    again: dict[int, _Look] = {}
    try:
        looks, answer = _unpacked(data)
        if not answer.is_harmless(arguments):
            return None
        for number in looks.doubted():
            before = looks[number]
            now = _look_again(before)
            if now[-1] != before[-1]:
                return None
            if now != before:
                again[number] = now
    except (OSError, ValueError, TypeError, LookupError):
        return None
    if again:
        new = [again.get(number) or looks[number] for number in range(len(looks))]
        _put(folder, key, new, answer)
    return answer


def keep(
    folder: CacheFolder, key: str, arguments: Sequence[str], watch: Watch, answer: Answer
) -> None:
    """Remember the answer of a command with all that it has looked at."""
    if not watch.steady or answer.status > 1 or not answer.is_harmless(arguments):
        return
    from flask_gotchas import disk  # noqa: PLC0415 - a run that keeps has it anyway

    here = os.path.join(os.getcwd(), "")
    seen = watch.seen | {look: disk.look_again(look) for look in packages()}
    looks: list[_Look] = [
        (look.way, look.path.removeprefix(here) or ".", *at.stamp, at.digest)
        for look, at in seen.items()
    ]
    _put(folder, key, looks, answer)


def is_plain(arguments: Sequence[str]) -> bool:
    """Tell whether a command does nothing but report."""
    if "-" in arguments:  # what is piped in was seen by nobody
        return False
    options = [argument for argument in arguments if argument.startswith("-")]
    return all(
        option.partition("=")[0] in _OPTIONS or option.startswith("-j") for option in options
    )


def _put(folder: CacheFolder, key: str, looks: Sequence[_Look], answer: Answer) -> None:
    import contextlib  # noqa: PLC0415 - not for who only reads

    # There are names that are no Unicode anywhere, and times that no clock will show.
    with contextlib.suppress(ValueError, OverflowError):
        folder.put("report", key, _packed(looks, answer))


def _look_again(look: _Look) -> _Look:
    way, path = look[:2]
    take, condense, has_stamp = WAYS[way]
    if not has_stamp:
        return (way, path, *_UNSURE, condense(take(path)))
    from flask_gotchas import disk  # noqa: PLC0415 - what has its stamp still is not looked at

    seen = disk.look_again(disk.Look(way, path))
    return (way, path, *seen.stamp, seen.digest)


def _is_harmless(text: str) -> bool:
    first, *coloured = text.split("\x1b[")
    styles = [piece.partition("m") for piece in coloured]
    if not all(style.replace(";", "").isdecimal() for style, _, _ in styles):
        return False
    plain = "".join([first, *(shown for _, _, shown in styles)])
    return all(map(_is_harmless_line, plain.split("\n")))


def _is_harmless_line(line: str) -> bool:
    if not line.isprintable() or "##" in line:
        from flask_gotchas import reporters  # noqa: PLC0415 - it imports much

        if reporters.clean(line) != line:
            return False
    command = line.lstrip()
    return not command.startswith("::") or command.startswith(_COMMANDS)


def _files_named_in(arguments: Sequence[str]) -> Iterator[str]:
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=False):
        option, equals, value = argument.partition("=")
        if option == "--output-file":
            yield value if equals else following
        elif option == "--output-format":
            yield (value if equals else following).partition(":")[2]


# What is kept is in parts, with their sizes in the first line. Looks with a stamp are in columns:
# nothing but the path and the stamp is taken out of most.


class _Looks:
    """What was looked at and seen, with and without a stamp."""

    def __init__(
        self, ways: bytes, paths: bytes, stamps: bytes, digests: bytes, others: bytes
    ) -> None:
        self._ways = ways
        self._paths = paths.split(b"\0") if paths else []
        numbers = memoryview(stamps).cast("q").tolist()
        count = len(numbers) // 3
        self._stamps = numbers[:count], numbers[count : 2 * count], numbers[2 * count :]
        self._digests = digests
        self._others = others.split(b"\0") if others else []

    def __len__(self) -> int:
        return len(self._paths) + len(self._others) // 3

    def __getitem__(self, number: int) -> _Look:
        if number < len(self._paths):
            changed, noted, size = (column[number] for column in self._stamps)
            digest = self._digests[number * DIGEST_SIZE : (number + 1) * DIGEST_SIZE]
            way, path = list(WAYS)[self._ways[number]], os.fsdecode(self._paths[number])
            return (way, path, changed, noted, size, digest)
        at = 3 * (number - len(self._paths))
        way, path, shown = map(os.fsdecode, self._others[at : at + 3])
        return (way, path, *_UNSURE, bytes.fromhex(shown))

    def doubted(self) -> list[int]:
        """Give the numbers of those that must be taken again; raises OSError for what is gone."""
        stat = os.stat
        doubted = list(range(len(self._paths), len(self)))
        columns = zip(self._paths, *self._stamps, strict=True)
        for number, (path, changed, noted, size) in enumerate(columns):
            now = stat(path)
            if now.st_mtime_ns != changed or now.st_ctime_ns != noted or now.st_size != size:
                doubted.append(number)
        return doubted


def _packed(looks: Sequence[_Look], answer: Answer) -> bytes:
    """Raises ValueError or OverflowError for what cannot be packed."""
    sure = [look for look in looks if look[2:5] != _UNSURE]
    ways, paths, *stamps, digests = zip(*sure, strict=True) if sure else ((),) * 6
    others = [(look[0], look[1], look[5].hex()) for look in looks if look[2:5] == _UNSURE]
    pages = [text for page in answer.pages for text in page]
    parts = [
        bytes(list(WAYS).index(way) for way in ways),
        os.fsencode("\0".join(paths)),
        b"".join(part.to_bytes(8, sys.byteorder, signed=True) for one in stamps for part in one),
        b"".join(digests),
        os.fsencode("\0".join(text for other in others for text in other)),
        *map(encoded, [str(answer.status), answer.said, *pages]),
    ]
    return " ".join(str(len(part)) for part in parts).encode() + b"\n" + b"".join(parts)


def _unpacked(data: bytes) -> tuple[_Looks, Answer]:
    """Take it apart; raises ValueError or TypeError for what was not packed here."""
    at = data.index(b"\n") + 1
    parts = []
    for size in data[:at].split():
        parts.append(data[at : at + int(size)])
        at += int(size)
    status, said, *pages = map(decoded, parts[5:])
    answer = Answer(list(zip(pages[::2], pages[1::2], strict=True)), said, int(status))
    return _Looks(*parts[:5]), answer
