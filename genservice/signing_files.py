"""The folder `signing` of a keystore: which keys are there, read and written as a whole."""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from msgspec import UNSET

from genservice.errors import DocumentError, SettingsError
from genservice.files import folder_to_disk, put_whole
from genservice.public_keys import (
    KeySet,
    PublicKey,
    base64url,
    is_named_after_itself,
    key_id,
    read_keys,
)

FOLDER = "signing"
KEYS = "keys.json"
CURRENT = "current"
"""What names the key in a keystore of the first version, in place of KEYS."""
_TRIES = 5


class SigningKeys(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of one folder as they were found."""

    key_id: str
    """Of the current one."""
    key: Ed25519PrivateKey
    public: KeySet
    """The current one first."""
    stamp: tuple[object, ...]
    """As `stamp_of` gave it."""


def make_first(folder: Path, now: datetime) -> None:
    """Make `folder`/signing with one key in it, unless another process is first.

    Raises:
        OSError: It cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = Ed25519PrivateKey.generate()
    public = published(key, int(now.timestamp()))
    # Made whole beside its place and moved there in one step: nobody ever finds half of it, and of
    # two that move at once one fails, because the place is then a folder with files in it.
    made = Path(tempfile.mkdtemp(prefix=f".{FOLDER}-", dir=folder))
    try:
        put_whole(made / f"{public.kid}.pem", as_pem(key))
        put_whole(made / KEYS, listed_as(public))
        made.rename(folder / FOLDER)
        # A receipt outlives a power cut, and so must the key that verifies it.
        folder_to_disk(folder)
    except OSError:
        if not (folder / FOLDER).exists():
            raise
    finally:
        shutil.rmtree(made, ignore_errors=True)


def read_signing_keys(folder: Path) -> SigningKeys:
    """The keys of a keystore.

    Raises:
        SettingsError: They cannot be read, or none of them is the current one.
    """
    tries = 0
    while True:
        stamp: tuple[object, ...] = ()
        try:
            stamp = stamp_of(folder)
            current, public = public_of(folder)
            key = _read_key(folder / FOLDER / f"{current}.pem")
            return SigningKeys(key_id=current, key=key, public=public, stamp=stamp)
        except FileNotFoundError as error:
            # Rotated and destroyed since `keys.json` was read: it says another one by now.
            tries += 1
            if tries == _TRIES or _same(folder, stamp):
                raise unreadable(folder, error) from None
        except OSError as error:
            raise unreadable(folder, error) from None


def public_of(folder: Path) -> tuple[str, KeySet]:
    """The id of the current key, and all keys, it first.

    Raises:
        OSError: There are none, or they cannot be read.
        SettingsError: None of them is the current one, or one is broken.
    """
    signing = folder / FOLDER
    try:
        listed = read_keys((signing / KEYS).read_bytes(), file=str(signing / KEYS)).keys
    except FileNotFoundError:
        listed = ()
        current = (signing / CURRENT).read_text("ascii", "replace").strip()
    except DocumentError as error:
        raise SettingsError(str(error)) from None
    else:
        unended = [key.kid for key in listed if key.exp is UNSET]
        current = unended[0] if len(unended) == 1 else ""
    # Keys not listed: those of the first version, those an operator brought, and one of a rotation
    # that was cut off.
    known = {key.kid for key in listed}
    brought = (
        published(_read_key(path)) for path in private_files(signing) if path.stem not in known
    )
    keys = sorted((*listed, *brought), key=lambda key: key.kid != current)
    if not keys or keys[0].kid != current:
        raise SettingsError(f"{signing}: no key of this folder is the current one")
    if any(not is_named_after_itself(key) for key in keys):
        raise SettingsError(f"{signing / KEYS}: a key is not the one that its id says")
    return current, KeySet(keys=tuple(keys))


def stamp_of(folder: Path) -> tuple[object, ...]:
    """What differs once another key is current.

    Raises:
        OSError: The folder cannot be read.
    """
    for name in (KEYS, CURRENT):
        try:
            found = (folder / FOLDER / name).stat()
        except FileNotFoundError:
            continue
        return name, found.st_mtime_ns, found.st_ino, found.st_size
    return ()


def _same(folder: Path, stamp: tuple[object, ...]) -> bool:
    try:
        return stamp_of(folder) == stamp
    except OSError:
        return True


def private_files(signing: Path) -> list[Path]:
    """The files of private keys in `folder`/signing.

    Raises:
        OSError: There is no such folder.
    """
    # Listing, unlike globbing, raises where there is no folder.
    return sorted(path for path in signing.iterdir() if path.suffix == ".pem")


def _read_key(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SettingsError(f"{path}: not a private key") from None
    if not isinstance(key, Ed25519PrivateKey) or path.stem != key_id(key.public_key()):
        raise SettingsError(f"{path}: not the Ed25519 key that its name says")
    return key


def published(key: Ed25519PrivateKey, since: int | None = None) -> PublicKey:
    """What is published of a key that signs since then."""
    public = key.public_key()
    return PublicKey(
        kid=key_id(public),
        x=base64url(public.public_bytes_raw()),
        nbf=UNSET if since is None else since,
    )


def listed_as(*keys: PublicKey) -> bytes:
    """What KEYS holds of these keys."""
    return msgspec.json.format(msgspec.json.encode(KeySet(keys=keys)), indent=2) + b"\n"


def as_pem(key: Ed25519PrivateKey) -> bytes:
    """A private key as its file holds it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def unreadable(folder: Path, error: OSError) -> SettingsError:
    """What an error of the disk is to whoever set the keystore."""
    file, detail = error.filename or folder, error.strerror or "cannot be read"
    return SettingsError(f"GENSERVICE_KEYSTORE: {file}: {detail}")
