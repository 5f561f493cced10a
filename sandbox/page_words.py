"""Every text of the page itself, in Japanese and English, and Slack's own answers in Japanese."""

from __future__ import annotations

import re

_WORDS: dict[str, tuple[str, str]] = {
    "people": ("表示する人", "Act as"),
    "people_help": (
        "クリックすると、その人の画面に切り替わります",
        "Click to see the workspace as that person",
    ),
    "ja": ("日本語", "日本語"),
    "en": ("English", "English"),
    "channels": ("チャンネル", "Channels"),
    "other_channels": ("参加していないチャンネル", "Channels you are not in"),
    "direct": ("ダイレクトメッセージ", "Direct messages"),
    "apps": ("アプリ", "Apps"),
    "app": ("アプリ", "APP"),
    "you": ("（あなた）", " (you)"),
    "private": ("非公開", "private"),
    "archived": ("アーカイブ済み", "archived"),
    "unread": ("未読あり", "unread"),
    "mentions": ("あなた宛て{n}件", "{n} for you"),
    "members": ("メンバー{n}人", "{n} members"),
    "member": ("メンバー1人", "1 member"),
    "menu": ("メニュー", "Menu"),
    "pins": ("ピン留め{n}件", "{n} pinned"),
    "pinned": ("ピン留め済み", "Pinned"),
    "edited": ("（編集済み）", "(edited)"),
    "only_you": ("あなただけに表示されています", "Only visible to you"),
    "older": (
        "これより前のメッセージは表示していません。",
        "Older messages are not shown here.",
    ),
    "new": ("新着", "New"),
    "today": ("今日", "Today"),
    "yesterday": ("昨日", "Yesterday"),
    "tomorrow": ("明日", "Tomorrow"),
    "empty_channel": (
        "#{name} の最初のメッセージがここに表示されます。",
        "This is the very beginning of #{name}.",
    ),
    "empty_app": (
        "{name} とのやりとりがここに表示されます。",
        "Messages from {name} will appear here.",
    ),
    "empty_home": (
        "{name} のホームは、まだ何も表示していません。",
        "{name} has nothing on its Home tab yet.",
    ),
    "no_place": ("左のチャンネルを選んでください。", "Choose a channel on the left."),
    "home_tab": ("ホーム", "Home"),
    "messages_tab": ("メッセージ", "Messages"),
    "write_to": ("{name} へのメッセージ", "Message {name}"),
    "write_hint": (
        "Enterで送信、Shift+Enterで改行、「/」でコマンド",
        "Enter to send, Shift+Enter for a new line, / for commands",
    ),
    "send": ("送信", "Send"),
    "shortcuts": ("ショートカット", "Shortcuts"),
    "no_shortcuts": ("このアプリにショートカットはありません", "The app has no shortcuts"),
    "commands": ("コマンド", "Commands"),
    "archived_here": (
        "このチャンネルはアーカイブされています。読むことはできますが、投稿はできません。",
        "This channel is archived. You can read it, but not post.",
    ),
    "not_member": ("#{name} には参加していません。", "You are not in #{name}."),
    "join": ("参加する", "Join channel"),
    "read_only": (
        "このアプリへのメッセージの送信はオフになっています。",
        "Sending messages to this app has been turned off.",
    ),
    "message_menu": ("その他の操作", "More actions"),
    "message_tools": ("メッセージの操作", "Message actions"),
    "react": (":{name}: でリアクション", "React with :{name}:"),
    "reactions_of": ("{who} がリアクションしました", "{who} reacted"),
    "no_message_shortcuts": ("アプリの操作はありません", "No actions from the app"),
    "reply": ("スレッドで返信", "Reply in thread"),
    "replies": ("返信{n}件", "{n} replies"),
    "one_reply": ("返信1件", "1 reply"),
    "thread": ("スレッド", "Thread"),
    "reply_here": ("返信する", "Reply…"),
    "close": ("閉じる", "Close"),
    "cancel": ("キャンセル", "Cancel"),
    "submit": ("送信", "Submit"),
    "sending": ("送信しています", "Sending"),
    "optional": ("（任意）", "(optional)"),
    "choose": ("選択してください", "Choose an option"),
    "choose_person": ("人を選択", "Choose a person"),
    "choose_channel": ("チャンネルを選択", "Choose a channel"),
    "search": ("検索", "Search"),
    "remove": ("{name} を外す", "Remove {name}"),
    "nothing_found": ("見つかりませんでした", "Nothing found"),
    "more": ("その他", "More"),
    "yes": ("はい", "Yes"),
    "no": ("いいえ", "No"),
    "file": ("ファイル", "File"),
    "clock": ("時計", "Clock"),
    "pause": ("一時停止", "Pause"),
    "paused": ("停止中", "paused"),
    "speed": ("{n}倍速", "{n}× speed"),
    "forward": ("10分進める", "10 minutes ahead"),
    "forward_short": ("+10分", "+10 min"),
    "faults": ("Slackの状態", "Slack"),
    "fault_off": ("正常", "normal"),
    "fault_throttled": ("回数制限中", "throttled"),
    "fault_slow": ("応答が遅い", "slow"),
    "fault_failing": ("応答しない", "failing"),
    "fault_other": ("設定した障害", "as planted"),
    "tour": ("使い方ガイド", "Guided tour"),
    "tour_done": ("すべて試しました。", "You have tried everything."),
    "done": ("済み", "done"),
    "to_do": ("未実施", "to do"),
    "offline": (
        "サンドボックスとの接続が切れました。つながり次第、表示を更新します。",
        "The sandbox does not answer. The page catches up as soon as it does.",
    ),
    "stale": (
        "この画面は最新ではありません。表示を更新しましたので、もう一度お試しください。",
        "This was no longer up to date. It has been refreshed; please try again.",
    ),
    "nobody": ("「{name}」という人はいません。", "Nobody here is called “{name}”."),
    "not_in": (
        "このチャンネルには参加していないため、投稿できません。",
        "You are not in this channel, so you cannot post to it.",
    ),
    "empty_message": ("メッセージを入力してください。", "Please write something first."),
    "somewhere_private": ("非公開チャンネル", "private channel"),
}

_NOTES = {
    "channel_join": "さんがチャンネルに参加しました",
    "channel_leave": "さんがチャンネルから退出しました",
    "channel_archive": "さんがチャンネルをアーカイブしました",
    "channel_unarchive": "さんがチャンネルのアーカイブを解除しました",
}

# What the sandbox says in Slack's name: English there, Japanese here.
_SAID: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), japanese)
    for pattern, japanese in (
        (r"Please complete this required field\.", "この必須フィールドに入力してください。"),
        (r"Please enter at least (\d+) characters\.", r"\1文字以上で入力してください。"),
        (r"Please enter no more than (\d+) characters\.", r"\1文字以内で入力してください。"),
        (r"Please enter a valid email address\.", "メールアドレスの形式で入力してください。"),
        (r"Please enter a valid URL\.", "URLの形式で入力してください。"),
        (r"Please choose no more than (\d+) items\.", r"\1件以内で選択してください。"),
        (r"Please enter a number\.", "数値を入力してください。"),
        (r"Please enter a whole number\.", "整数を入力してください。"),
        (r"Please enter a number within the limits\.", "範囲内の数値を入力してください。"),
        (r"We had some trouble connecting\. Try again\?", "接続できませんでした。もう一度お試しください。"),
        (r"(/\S+) is not a valid command\.", r"\1 は有効なコマンドではありません。"),
        (r'(/\S+) failed with the error "(.+)"', r"\1 はエラー「\2」のため実行できませんでした。"),
        (r'This app responded with the error "(.+)"', r"このアプリからエラー「\1」が返されました。"),
        (r"This app has no interactivity\.", "このアプリは操作に対応していません。"),
        (r"This message was deleted\.", "このメッセージは削除されました。"),
        (r'set the channel topic: "(.*)"', r"さんがトピックを設定しました：「\1」"),
        (r'set the channel description: "(.*)"', r"さんがチャンネルの説明を設定しました：「\1」"),
        (
            r'has renamed the channel from "(.+)" to "(.+)"',
            r"さんがチャンネル名を「\1」から「\2」に変更しました",
        ),
    )
)


def lang_of(locale: str) -> str:
    """`ja` or `en`: the language of the page for somebody with this locale."""
    return "ja" if locale.lower().startswith("ja") else "en"


def word(lang: str, key: str, **fields: object) -> str:
    """A text of the page. Raises KeyError for one that does not exist."""
    return _WORDS[key][0 if lang == "ja" else 1].format(**fields)


def said(lang: str, text: str) -> str:
    """What the sandbox says in Slack's name, in the reader's language."""
    if lang == "ja":
        for pattern, japanese in _SAID:
            match = pattern.fullmatch(text)
            if match:
                return match.expand(japanese)
    return text


def note(lang: str, subtype: str, text: str) -> str:
    """One of Slack's own lines ("has joined the channel") without the name before it."""
    if lang == "ja":
        return _NOTES.get(subtype) or said(lang, text)
    return " " + re.sub(r"^<@\w+> ", "", text)


def both() -> dict[str, tuple[str, str]]:
    """All texts, for those who check them."""
    return dict(_WORDS)
