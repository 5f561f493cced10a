"""Emoji short codes as characters, and those that are drawn because not every machine has a font for them."""

from __future__ import annotations

# Each has a symbol of this name in static/emoji.svg.
DRAWN = frozenset(
    "white_check_mark heavy_check_mark warning x no_entry pushpin eyes bell rotating_light tada thumbsup +1 raised_hands "
    "hourglass_flowing_sand hourglass speech_balloon memo bulb fire zap lock pencil "
    "red_circle large_orange_circle large_yellow_circle large_green_circle large_blue_circle white_circle black_circle "
    "large_red_square large_orange_square large_yellow_square large_green_square large_blue_square "
    "white_large_square black_large_square".split()
)

UNICODE: dict[str, str] = {
    "white_check_mark": "✅", "heavy_check_mark": "✔️", "warning": "⚠️", "x": "❌", "no_entry": "⛔",
    "no_entry_sign": "🚫", "pushpin": "📌", "round_pushpin": "📍", "eyes": "👀", "bell": "🔔",
    "no_bell": "🔕", "rotating_light": "🚨", "tada": "🎉", "thumbsup": "👍", "+1": "👍",
    "thumbsdown": "👎", "-1": "👎", "raised_hands": "🙌", "clap": "👏", "pray": "🙏", "wave": "👋",
    "ok_hand": "👌", "muscle": "💪", "bow": "🙇", "point_right": "👉", "point_left": "👈",
    "point_up": "☝️", "point_down": "👇", "hourglass_flowing_sand": "⏳", "hourglass": "⌛",
    "alarm_clock": "⏰", "stopwatch": "⏱️", "clock1": "🕐", "calendar": "📅", "date": "📅",
    "speech_balloon": "💬", "mega": "📣", "loudspeaker": "📢", "memo": "📝", "pencil": "📝",
    "pencil2": "✏️", "clipboard": "📋", "page_facing_up": "📄", "bookmark": "🔖", "paperclip": "📎",
    "link": "🔗", "mag": "🔍", "bulb": "💡", "fire": "🔥", "zap": "⚡", "boom": "💥", "star": "⭐",
    "sparkles": "✨", "heart": "❤️", "broken_heart": "💔", "lock": "🔒", "unlock": "🔓", "key": "🔑",
    "wrench": "🔧", "hammer": "🔨", "gear": "⚙️", "computer": "💻", "iphone": "📱", "phone": "☎️",
    "telephone_receiver": "📞", "email": "✉️", "envelope": "✉️", "inbox_tray": "📥", "outbox_tray": "📤",
    "package": "📦", "chart_with_upwards_trend": "📈", "chart_with_downwards_trend": "📉",
    "bar_chart": "📊", "credit_card": "💳", "moneybag": "💰", "hospital": "🏥", "office": "🏢",
    "earth_asia": "🌏", "globe_with_meridians": "🌐", "bee": "🐝", "honeybee": "🐝", "dog": "🐶",
    "bug": "🐛", "rocket": "🚀", "construction": "🚧", "checkered_flag": "🏁",
    "triangular_flag_on_post": "🚩", "trophy": "🏆", "robot_face": "🤖", "smile": "😄", "smiley": "😃",
    "grinning": "😀", "joy": "😂", "slightly_smiling_face": "🙂", "wink": "😉", "thinking_face": "🤔",
    "sob": "😭", "cry": "😢", "sweat_smile": "😅", "scream": "😱", "question": "❓",
    "grey_question": "❔", "exclamation": "❗", "heavy_exclamation_mark": "❗", "information_source": "ℹ️",
    "arrow_right": "➡️", "arrow_left": "⬅️", "arrow_up": "⬆️", "arrow_down": "⬇️",
    "arrows_counterclockwise": "🔄", "repeat": "🔁", "heavy_plus_sign": "➕", "heavy_minus_sign": "➖",
    "one": "1️⃣", "two": "2️⃣", "three": "3️⃣", "100": "💯", "jp": "🇯🇵", "us": "🇺🇸", "gb": "🇬🇧",
    "red_circle": "🔴", "large_orange_circle": "🟠", "large_yellow_circle": "🟡",
    "large_green_circle": "🟢", "large_blue_circle": "🔵", "white_circle": "⚪", "black_circle": "⚫",
    "large_red_square": "🟥", "large_orange_square": "🟧", "large_yellow_square": "🟨",
    "large_green_square": "🟩", "large_blue_square": "🟦", "large_purple_square": "🟪",
    "white_large_square": "⬜", "black_large_square": "⬛", "small_red_triangle": "🔺",
    "small_orange_diamond": "🔸", "small_blue_diamond": "🔹",
}  # fmt: skip
