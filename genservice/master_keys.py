"""Where the master keys lie: in a setting, in a file that somebody keeps for us, or in one of our own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from genservice.errors import SettingsError
from genservice.files import locked, put_whole
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
            with locked(self.keystore):
                # Of processes that make the first at once, the first one's is the key.
                if not (first and path.exists()):
                    put_whole(path, keys.text().encode() + b"\n")
        except OSError as error:
            detail = error.strerror or "cannot be written"
            raise SettingsError(f"{error.filename or path}: {detail}") from None
