"""Which files are nobody else's business, by what they and their folders are called.

Money, people and networks are the subjects that Defender for Cloud Apps names; to these come words
for secrecy, and kinds of file that hold secrets whatever they are called.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache

from risktui.model.events import FileAccess

WORDS = """
    account statement|accounting|acquisition|appraisal|audit|balance sheet|bank|board|budget
    |certificate|compensation|confidential|contract|credential|customer list|finance|financial
    |firewall|forecast|iban|invoice|ledger|legal|litigation|medical|merger|network|passport
    |password|patent|payment|payroll|personnel|private key|restricted|revenue|salaries|salary
    |secret|sensitive|settlement|strategy|tax|tender|vault|vpn|wage
    |bilanz|geheim|gehalt|kennwort|passwort|personalakte|rechnung|steuer|vertrag|vertraulich
    |budget|comptabilité|confidentiel|contrat|facture|paie|salaire|contraseña|contrato|factura
    |nómina|经理|合同|工资|财务|経理|給与|契約|請求|財務|賃金|人事|機密|秘|パスワード|顧客|見積|税
"""
"""Words in names and folders of files that are nobody else's business: money, people, networks
(the subjects that Defender for Cloud Apps names), and words for secrecy."""
EXTENSIONS = frozenset("bak key kdbx ovpn p12 pem pfx ppk pst rdp sql".split())  # noqa: SIM905
"""Kinds of file that hold secrets whatever they are called."""
HARMLESS = frozenset(
    "avif bmp css gif html ico jpeg jpg js mov mp4 png svg ttf webp woff woff2".split()  # noqa: SIM905
)
"""Pictures and parts of web pages, whose words say little."""
HARMLESS_LABELS = frozenset({"general", "non-business", "personal", "public", "一般", "公開"})

_ASCII = [w.strip() for w in WORDS.replace("\n", "").split("|") if w.strip().isascii()]
_OTHER = [w.strip() for w in WORDS.replace("\n", "").split("|") if not w.strip().isascii()]
_WORD = re.compile(rf"(?<![a-z])({'|'.join(sorted(_ASCII))})(?:s|es)?(?![a-z])|{'|'.join(_OTHER)}")
_TELLING = EXTENSIONS | HARMLESS
_LETTERS = re.compile("[a-z]+")
_SPELT = {
    spelt: " " not in word
    for word in _ASCII
    for spelt in (_LETTERS.findall(word)[0] + ending for ending in ("", "s", "es"))
}
"""Each word as it stands in a name between what is no letter; False for the first of several."""


def why(event: FileAccess, labels: Collection[str], sites: Iterable[str]) -> str:
    """Why the file is sensitive, by its label, its site or its name; "" where nothing says so."""
    said = why_labelled(event.label, event.site, labels, sites)
    return why_sensitive(event.item, event.path or event.site) if said is None else said


def why_sensitive(item: str, folder: str) -> str:
    """Why a file called `item` is sensitive, "" where its name and folder tell nothing."""
    stem, dot, extension = item.rpartition(".")
    said, whatever = _said_by_name(stem.rstrip("0123456789"), dot, extension)
    if said is None:
        return said_in(f"{item} {folder}")
    return said if said or whatever else _why_by_folder(folder)


@lru_cache(maxsize=4096)  # files are opened again, and numbered
def _said_by_name(stem: str, dot: str, extension: str) -> tuple[str | None, bool]:
    """What a name says at a glance, and whether that holds whatever its folder is called.

    None where it takes the long list.
    """
    name, kind = stem.casefold(), extension.casefold()
    if dot and kind in _TELLING:
        return f".{kind}" if kind in EXTENSIONS else "", True
    if not (name.isascii() and kind.isascii()):
        return None, False
    for letters in (name, kind):
        for spelt in _LETTERS.findall(letters):
            alone = _SPELT.get(spelt)
            if alone is not None:
                return f"says {spelt}" if alone else None, False
    return "", False


@lru_cache(maxsize=4096)  # one has many files
def _why_by_folder(folder: str) -> str:
    name = folder.casefold()
    none = name.isascii() and _SPELT.keys().isdisjoint(_LETTERS.findall(name))
    return "" if none else said_in(folder)


def why_labelled(
    label: str, site: str, labels: Collection[str], sites: Iterable[str]
) -> str | None:
    """Why a file is sensitive by its label or its site, "" where its label says that it is not.

    `labels` and parts of `sites` that make it so are casefolded. None where neither says anything.
    """
    name, where = label.casefold(), site.casefold()
    if name and name in labels:
        return f"label {label}"
    if any(part in where for part in sites):
        return "its site"
    if name in HARMLESS_LABELS:
        return ""
    said = said_in(name)
    return f"label {said}" if said else None


def said_in(text: str) -> str:
    """Which word says that a text names something sensitive: `says payroll`; "" for none."""
    said = _WORD.search(text.casefold().replace("%20", " "))
    return f"says {said[0].strip()}" if said else ""
