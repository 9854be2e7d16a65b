"""Which mail an inbox rule takes and where it puts it: what intruders hide from its owner."""

from __future__ import annotations

import re

from risktui.detect.explain import Check
from risktui.detect.mailbox import names_nobody, odd_name
from risktui.model.events import MailboxRule


def _names(text: str) -> frozenset[str]:
    """A list that is read more easily as text."""
    return frozenset(name.strip() for name in text.split("|"))


UNREAD = _names(
    """
    rss feeds|rss subscriptions|rss-feeds|rss-abonnements|flux rss|fuentes rss|feeds rss|feed rss
    |rss フィード|rss 源|rss 摘要|rss 피드|rss-канали|каналы rss|kanały rss|rss akışları|rss-kanaler
    |conversation history|unterhaltungsverlauf|aufgezeichnete unterhaltungen
    |historique des conversations|historial de conversaciones|histórico de conversas
    |histórico de conversa|cronologia conversazioni|gespreksgeschiedenis|konversationshistorik
    |samtalehistorik|samtalelogg|keskusteluhistoria|historia konwersacji|журнал бесед
    |会話の履歴|对话历史记录|交談記錄|대화 내용|konuşma geçmişi|historie konverzací
    |calendar|kalender|calendrier|calendario|calendário|kalendarz|kalenteri|календарь|予定表|日历
    |行事曆|일정|takvim|notes|notizen|notas|note|notities|anteckningar|notater|muistiinpanot
    |notatki|заметки|メモ|便笺|메모|notlar|poznámky|sync issues|synchronisierungsprobleme
    |problèmes de synchronisation|同期の失敗
    """
)
"""Folders that Outlook makes and nobody opens, as its languages call them (after
Microsoft-Analyzer-Suite's list of blacklisted targets, and from general knowledge)."""

ASIDE = _names(
    """
    deleted items|trash|gelöschte elemente|éléments supprimés|elementos eliminados|itens excluídos
    |itens eliminados|posta eliminata|verwijderde items|borttagna objekt|slettede elementer
    |slettet post|poistetut|elementy usunięte|удаленные|削除済みアイテム|ゴミ箱|已删除邮件
    |刪除的郵件|지운 편지함|silinmiş öğeler|odstraněná pošta|junk email|junk e-mail|junk-e-mail|spam
    |junk|courrier indésirable|correo no deseado|lixo eletrônico|posta indesiderata
    |ongewenste e-mail|skräppost|uønsket e-post|roskaposti|wiadomości-śmieci|нежелательная почта
    |迷惑メール|垃圾邮件|垃圾電子郵件|정크 메일|önemsiz e-posta|nevyžádaná pošta|archive|archiv
    |archives|archivo|arquivo|arquivo morto|archivio|archief|arkiv|arkisto|archiwum|архив
    |アーカイブ|存档|封存|보관|arşiv
    """
)
"""The bin, junk and the archive in the same languages."""

KEYWORDS = _names(
    """
    alert|do not click|do not open|fake|fatal|fraud|hack|helpdesk|hijack|invoice|login|malicious
    |malware|password|payment|phish|protection|reset|security|spam|suspicious|transfer|unusual|wire
    |bank|compromis|iban|mfa|payroll|remittance|scam|swift|verif|virus
    |facture|paiement|virement|rechnung|überweisung|zahlung|factura|pago|fattura|pagamento|betaling
    |パスワード|不審|不正|乗っ取り|入金|ウイルス|セキュリティ|フィッシング|振込|支払|給与|詐欺|警告|請求|送金|銀行
    |发票|付款|转账|청구서|송금
    """
)
"""Money and warnings: Sentinel's and Elastic's words, and ours in other languages."""

WHOLE_CONDITION = "rulecondition"
"""What mail programs call all conditions of a rule in one text."""
_FROM = re.compile(r"from\w*[^\w@]+([\w.+-]+@[\w.-]+\.\w+)", re.IGNORECASE)


def hides(event: MailboxRule) -> bool:
    """A rule that only sorts into a folder of its own hides nothing, unless its name does."""
    name = folder_name(event.move_to_folder)
    aside = name in UNREAD | ASIDE or name.startswith("rss")
    odd = bool(name) and bool(odd_name(event))
    return event.delete_message or event.mark_as_read or aside or odd


def folder_name(folder: str) -> str:
    r"""The last part of `alice@contoso.com:\Inbox\RSS Feeds`, in lower case."""
    return re.split(r"[\\/:]", folder.strip().strip("\\/"))[-1].strip().casefold()


def senders_of(event: MailboxRule) -> list[str]:
    """Whom the rule names as senders; a whole domain or everybody is nobody."""
    named = [value for name, value in event.conditions if name.casefold().startswith("from")]
    for name, value in event.conditions:
        if name.casefold() == WHOLE_CONDITION:
            named += _FROM.findall(value)
    return [value for value in named if len(value.strip()) >= 3 and not value.startswith("@")]


def asks_for_words(name: str) -> bool:
    """Whether a condition asks for words of the mail; an exception asks for their absence."""
    lower = name.casefold()
    return not lower.startswith("exceptif") and (
        lower.endswith("containswords") or lower == WHOLE_CONDITION
    )


def takes_everything(event: MailboxRule) -> Check:
    """No condition, or ones that every mail meets (Elastic's list of tricks)."""
    trivial = bool(event.conditions) and all(_is_trivial(*given) for given in event.conditions)
    everything = names_nobody(event) or (trivial and not _real_words(event.keywords))
    told = "; ".join(f"{name} {value[:40]!r}" for name, value in event.conditions[:4])
    reason = f"{told or 'no condition'}: every mail" if everything else "takes some mail only"
    return Check("everything", "takes every mail", everything, reason)


def _is_trivial(name: str, value: str) -> bool:
    lower = name.casefold()
    if lower == "withinsizerangeminimum":
        bytes_ = re.search(r"\((\d[\d,.]*)\s*bytes|^\s*(\d+)\s*$", value)
        digits = re.sub(r"\D", "", bytes_[0]) if bytes_ else ""
        return bool(digits) and int(digits) <= 1023
    if lower.startswith("from"):
        return value.strip() == "@"
    return lower.endswith("words") and not _real_words((value,))


def _real_words(values: tuple[str, ...]) -> bool:
    """Whether one of them is more than a letter or an escaped zero."""
    bare = [value.strip().replace("\\u0000", "").strip("\x00") for value in values]
    return any(len(value) > 1 or (value and not value.isascii()) for value in bare)
