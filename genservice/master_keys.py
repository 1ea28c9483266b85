"""Where the master keys lie: in a setting, in a file that somebody keeps for us, or in one of our own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from genservice.errors import SettingsError
from genservice.sealing import MasterKey, MasterKeys, new_key, read_master_keys

OWN_FILE = "master.key"


@dataclass(frozen=True, kw_only=True)
class MasterKeyPlace:
    """Where the master keys lie."""

    keystore: Path
    """The folder that holds the file of our own, `master.key`, where nothing else is set."""
    setting: str = ""
    """GENSERVICE_MASTER_KEY."""
    file: Path | None = None
    """GENSERVICE_MASTER_KEY_FILE. It is read, never written."""

    @property
    def is_own(self) -> bool:
        """Whether the file is ours to make and to change."""
        return not self.setting and self.file is None

    @property
    def called(self) -> str:
        """What errors call it."""
        if self.setting:
            return "GENSERVICE_MASTER_KEY"
        return str(self.keystore / OWN_FILE) if self.file is None else f"{self.file}"

    def read(self) -> MasterKeys:
        """The keys that lie there. Blocks while the file is read.

        Raises:
            SettingsError: There are none, or what is there are none.
        """
        if self.setting:
            return read_master_keys(self.setting, where=self.called)
        path = self.file or self.keystore / OWN_FILE
        try:
            text = path.read_text("ascii", "replace")
        except OSError as error:
            detail = error.strerror or "cannot be read"
            raise SettingsError(
                f"The master key of the keystore: {path}: {detail}. What it wrapped opens with it"
                " alone: put it back, or give it as GENSERVICE_MASTER_KEY."
            ) from None
        return read_master_keys(text, where=self.called)

    def read_or_make(self) -> MasterKeys:
        """The keys that lie there; a first one is made where the file is ours. Blocks.

        Raises:
            SettingsError: There are none and none can be made, or what is there are none.
        """
        path = self.keystore / OWN_FILE
        if self.is_own and not path.exists():
            self._write(MasterKeys((MasterKey(new_key()),)), first=True)
        return self.read()

    def with_new(self) -> MasterKeys:
        """The keys, a new one put first; one that a rotation put there and left is kept. Blocks.

        Raises:
            SettingsError: The file is not ours, or cannot be written.
        """
        keys = self.read()
        if len(keys.ids) == 1:
            keys = MasterKeys((MasterKey(new_key()), keys.first))
            self._write(keys)
        return keys

    def keep_first(self) -> None:
        """Leave the first key alone in the file. Blocks.

        Raises:
            SettingsError: The file is not ours, or cannot be written.
        """
        self._write(MasterKeys((self.read().first,)))

    def _write(self, keys: MasterKeys, *, first: bool = False) -> None:
        if not self.is_own:
            raise SettingsError(f"{self.called}: is not ours to change")
        path = self.keystore / OWN_FILE
        try:
            self.keystore.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Whole beside its place, then moved there in one step: nobody ever reads half a key. The
            # file is its owner's alone from the start.
            with NamedTemporaryFile(
                dir=self.keystore, prefix=f".{OWN_FILE}-", delete=False
            ) as file:
                made = Path(file.name)
                file.write(keys.text().encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            try:
                if first:
                    # Fails where another process was first: then its key is the one.
                    _link(made, path)
                else:
                    made.replace(path)
            finally:
                made.unlink(missing_ok=True)
            _to_disk(self.keystore)
        except OSError as error:
            detail = error.strerror or "cannot be written"
            raise SettingsError(f"{error.filename or path}: {detail}") from None


def _link(made: Path, path: Path) -> None:
    try:
        path.hardlink_to(made)
    except FileExistsError:
        return


def _to_disk(folder: Path) -> None:
    # What was wrapped outlives a power cut, and so must what opens it. Windows has no such call.
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
