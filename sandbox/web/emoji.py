"""The emoji that bots and people use most, by Slack's names. Others are shown as `:name:`."""

_TABLE = """
+1 👍|-1 👎|100 💯|alarm_clock ⏰|ambulance 🚑|anger 💢|arrow_down ⬇️|arrow_forward ▶️
arrow_heading_up ⤴️|arrow_left ⬅️|arrow_right ➡️|arrow_up ⬆️|arrows_counterclockwise 🔄|art 🎨
back 🔙|balloon 🎈|ballot_box_with_check ☑️|bangbang ‼️|bar_chart 📊|bell 🔔|black_circle ⚫
blue_book 📘|blue_heart 💙|blush 😊|book 📖|bookmark 🔖|bookmark_tabs 📑|books 📚|boom 💥|bow 🙇
briefcase 💼|bug 🐛|building_construction 🏗️|bulb 💡|bust_in_silhouette 👤
busts_in_silhouette 👥|calendar 📆|calling 📲|chart_with_downwards_trend 📉
chart_with_upwards_trend 📈|checkered_flag 🏁|clap 👏|clipboard 📋|clock1 🕐|clock3 🕒|clock9 🕘
closed_lock_with_key 🔐|coffee ☕|computer 💻|construction 🚧|cry 😢|crown 👑|dart 🎯|date 📅
double_vertical_bar ⏸️|pause_button ⏸️|e-mail 📧|email 📧|envelope ✉️|exclamation ❗|eyes 👀
face_with_monocle 🧐|fast_forward ⏩|file_folder 📁|fire 🔥|fire_engine 🚒|flag-gr 🇬🇷
folded_hands 🙏|gear ⚙️|globe_with_meridians 🌐|goal_net 🥅|green_book 📗|green_heart 💚
green_circle 🟢|grin 😁|hammer 🔨|hammer_and_wrench 🛠️|handshake 🤝|hash #️⃣|heart ❤️
heavy_check_mark ✔️|heavy_exclamation_mark ❗|heavy_minus_sign ➖|heavy_plus_sign ➕|hospital 🏥
hourglass ⌛|hourglass_flowing_sand ⏳|house 🏠|inbox_tray 📥|information_source ℹ️|joy 😂|key 🔑
label 🏷️|large_blue_circle 🔵|large_green_circle 🟢|large_orange_circle 🟠
large_purple_circle 🟣|large_red_square 🟥|large_yellow_circle 🟡|link 🔗|lock 🔒|loud_sound 🔊
loudspeaker 📢|mag 🔍|mailbox 📫|mega 📣|memo 📝|money_with_wings 💸|moneybag 💰|mute 🔇|muscle 💪
mortar_board 🎓|neutral_face 😐|new 🆕|newspaper 📰|no_bell 🔕|no_entry ⛔|no_entry_sign 🚫|o ⭕
octagonal_sign 🛑|office 🏢|ok 🆗|ok_hand 👌|open_file_folder 📂|orange_circle 🟠
orange_heart 🧡|outbox_tray 📤|package 📦|page_facing_up 📄|paperclip 📎|partying_face 🥳
pencil 📝|pencil2 ✏️|phone ☎️|point_down 👇|point_right 👉|point_up ☝️|postbox 📮|pray 🙏
pushpin 📌|question ❓|raised_hand ✋|raised_hands 🙌|raising_hand 🙋|red_circle 🔴
repeat 🔁|rocket 🚀|rotating_light 🚨|round_pushpin 📍|scales ⚖️|scream 😱|scroll 📜|see_no_evil 🙈
shield 🛡️|ship 🚢|shrug 🤷|slightly_smiling_face 🙂|smile 😄|smiley 😃|snail 🐌|sos 🆘|sparkles ✨
speaking_head_in_silhouette 🗣️|speech_balloon 💬|spiral_calendar_pad 🗓️|star ⭐|stethoscope 🩺
stop_sign 🛑|stopwatch ⏱️|sunny ☀️|sunrise 🌅|sweat_smile 😅|tada 🎉|tea 🍵|telephone_receiver 📞
telescope 🔭|thinking_face 🤔|thought_balloon 💭|thumbsdown 👎|thumbsup 👍|ticket 🎫
timer_clock ⏲️|tools 🛠️|traffic_light 🚥|triangular_flag_on_post 🚩|trophy 🏆|unlock 🔓|vs 🆚
vertical_traffic_light 🚦|warning ⚠️|wastebasket 🗑️|wave 👋|white_check_mark ✅|white_circle ⚪
white_flag 🏳️|wrench 🔧|writing_hand ✍️|x ❌|yellow_heart 💛|zap ⚡|zzz 💤
large_yellow_square 🟨|large_orange_square 🟧|large_green_square 🟩|black_square_button 🔲
one 1️⃣|two 2️⃣|three 3️⃣|four 4️⃣|five 5️⃣|six 6️⃣|seven 7️⃣|nine 9️⃣|keycap_ten 🔟
heavy_dollar_sign 💲|small_red_triangle 🔺|small_red_triangle_down 🔻|small_blue_diamond 🔹
small_orange_diamond 🔸|large_blue_diamond 🔷|eye 👁️|ladder 🪜|compass 🧭|anchor ⚓|seedling 🌱
hugging_face 🤗|saluting_face 🫡|relieved 😌|grimacing 😬|disappointed 😞|worried 😟|angry 😠
"""

EMOJI: dict[str, str] = {
    name: character
    for entry in _TABLE.replace("\n", "|").split("|")
    if entry
    for name, character in [entry.split(" ", 1)]
}

# What the reaction picker offers, in the order shown.
PICKER = (
    "+1", "eyes", "white_check_mark", "raised_hands", "pray", "tada", "heart", "fire",
    "thinking_face", "warning", "rotating_light", "rocket", "hourglass_flowing_sand", "x", "-1",
    "wave", "bangbang",
)  # fmt: skip
