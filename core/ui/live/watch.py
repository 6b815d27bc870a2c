"""Watch mode on the Live page: its switches, and the list of those who stayed without a well-worn mask."""

from __future__ import annotations

import base64
import os
import time
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st

from core.live.watch import thumbnails, webhook
from core.live.watch.events import MOST_EVENTS, Event, Watch, events_csv
from core.live.watch.webhook import Webhook
from core.schema.errors import UserError
from core.schema.labels import COLOURS, SYMBOLS
from core.text.markup import plain
from core.text.numbers import confidence, duration
from core.ui.live import beep, keep_faces

_SHOWN = 12
_SECONDS, _LEAST, _MOST = 5, 1, 120
_STORES_NOTHING = "Time and label are noted in this page's memory only; **nothing about a face is stored**."
_STORES = (
    f"Each event's thumbnail is stored, blurred to {thumbnails.SIDE} x {thumbnails.SIDE} pixels, in watch/ on this "
    f"server, for {thumbnails.KEEP_HOURS} hours or until it starts again; nothing else about a face is."
)
_STORES_FACES = "Each event's face is kept in a dataset's inbox, as **Keep faces for training** says."
_HOOK_HELP = (
    "This server sends a POST with event, person, label, began, seconds and confidence as JSON to this address when an "
    "event begins, and never a picture. It sends to whatever address is set here, so give one you trust."
)


def switch() -> Watch | None:
    """The switch; this session's Watch while it is on."""
    _forget_left_overs()
    watch: Watch = st.session_state.setdefault("live_watch", Watch(_SECONDS))
    on = st.toggle(
        "Watch mode", key="live_watch_on", persist_state="session", width="content",
        help="Note everyone who stays without a well-worn mask.",
    )  # fmt: skip
    return watch if on else None


def panel(watch: Watch, playing: bool, local: bool) -> None:
    """Settings and events. `local` says whether the page is open on the server's own machine: only there may an address
    for the webhook be typed."""
    with st.container(border=True, key="live_watch_panel"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown("**Watch mode**", width="content")
            with st.popover("Watch settings", icon=":material/tune:", width="content"):
                _settings(watch, local)
        with st.container():
            st.fragment(events, run_every=1.0 if playing else None)(watch)


def events(watch: Watch) -> None:
    """The list of events, newest first, its download, and what went wrong beside it."""
    found, hook = watch.events(), watch.webhook
    st.caption(_STORES_FACES if keep_faces.keeps_events() else _STORES if watch.keep else _STORES_NOTHING)
    for problem in filter(None, (watch.problem, hook.problem if hook else None)):
        st.warning(plain(problem), icon=":material/warning:")
    if not found:
        st.html(f'<p style="margin:0;opacity:.75">Nobody stayed without a well-worn mask for {watch.seconds:g} s.</p>')
        return
    st.html(f'<div style="max-height:22rem;overflow-y:auto">{"".join(_row(event) for event in found[:_SHOWN])}</div>')
    if len(found) > _SHOWN:
        st.caption(f"The latest {_SHOWN} of {len(found)}; the CSV has the latest {MOST_EVENTS}.")
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "Download CSV", events_csv(reversed(found)), "events.csv", "text/csv",
            icon=":material/download:", on_click="ignore", key="live_events_csv",
        )  # fmt: skip
        st.button("Clear the list", icon=":material/clear_all:", on_click=watch.clear, key="live_events_clear")
    _beep(watch)


def stored() -> None:
    """The thumbnails that are kept, whether or not watch mode is on, and their deletion."""
    files = thumbnails.stored()
    if not files:
        return
    with st.expander(f"Thumbnails ({len(files)})", icon=":material/blur_on:"):
        st.html(f'<div style="display:flex;flex-wrap:wrap;gap:.6rem">{"".join(map(_thumbnail, files[:48]))}</div>')
        _deletion(len(files))


def _deletion(number: int) -> None:
    """Asks in its place: a dialog would be closed by whatever runs the page again, such as the player's messages."""
    asked = "live_thumbnails_asked"

    def answer(delete: bool) -> None:
        st.session_state[asked] = False
        if delete:
            thumbnails.delete_all()

    if not st.session_state.get(asked):
        st.button("Delete all", icon=":material/delete:", key="live_thumbnails_delete",
                  on_click=lambda: st.session_state.update({asked: True}))  # fmt: skip
        return
    st.write(f"{number} blurred thumbnails are removed from this server; the list of events stays.")
    with st.container(horizontal=True, gap="small"):
        st.button("Delete them", type="primary", on_click=answer, args=(True,), key="live_thumbnails_yes")
        st.button("Keep them", on_click=answer, args=(False,), key="live_thumbnails_no")


def _settings(watch: Watch, local: bool) -> None:
    watch.seconds = st.number_input(
        "An event after (seconds)", _LEAST, _MOST, _SECONDS, key="live_watch_seconds", persist_state="session",
        help="How long someone must stay without a well-worn mask. Gaps of up to 2 seconds do not end it.",
    )  # fmt: skip
    st.toggle("Beep at a new event", key="live_watch_sound", persist_state="session")
    keeps = st.toggle("Keep blurred thumbnails", key="live_watch_thumbnails", persist_state="session")
    watch.keep = thumbnails.keep if keeps else None
    typed = _typed() if local else ""
    try:
        watch.webhook = _hook(typed.strip() or os.environ.get(webhook.SETTING, ""), watch.webhook)
    except UserError as error:
        watch.webhook = None
        st.warning(plain(str(error)), icon=":material/warning:")
        return
    if watch.webhook and not typed.strip():
        host = urlsplit(watch.webhook.url).hostname or ""
        st.caption(f"Events are posted to {plain(host)} ({webhook.SETTING}).")
    elif not watch.webhook and not local:
        st.caption(f"A webhook is set on the server, with {webhook.SETTING}.")


def _typed() -> str:
    return st.text_input(
        "Webhook", key="live_webhook", placeholder="https://", help=_HOOK_HELP, persist_state="session"
    )


def _hook(url: str, before: Webhook | None) -> Webhook | None:
    if not url:
        return None
    return before if before and before.url == webhook.checked(url) else Webhook(url)


def _row(event: Event) -> str:
    colour = COLOURS[event.label]
    picture = _picture(event.picture) if event.picture and event.picture.exists() else ""
    return (
        '<div class="event" style="display:flex;align-items:center;gap:.6rem;padding:.3rem 0;'
        f'border-bottom:1px solid rgba(128,128,128,.25)"><span style="background:{colour};color:#000;'
        f'border-radius:.4rem;padding:.05rem .5rem;font-weight:600;white-space:nowrap">{SYMBOLS[event.label]} '
        f"{event.label.row.title}</span><span>{time.strftime('%H:%M:%S', time.localtime(event.began))}</span>"
        f'<span style="opacity:.75">{duration(event.seconds)} · {confidence(event.confidence)} · person {event.person}'
        f"</span>{picture}</div>"
    )


def _thumbnail(path: Path) -> str:
    when = time.strftime("%d %b %H:%M", time.strptime(path.name[:15], "%Y%m%d-%H%M%S"))
    return f'<div style="font-size:.75rem;opacity:.9">{_picture(path)}<br>{when}</div>'


def _picture(path: Path) -> str:
    try:
        data = base64.b64encode(path.read_bytes()).decode()
    except OSError:
        return ""
    return f'<img alt="blurred" width="36" height="36" style="border-radius:.3rem" src="data:image/png;base64,{data}">'


def _beep(watch: Watch) -> None:
    """One tone for what is new since this page last looked."""
    told = st.session_state.get("live_beeped", 0)
    st.session_state["live_beeped"] = watch.count
    if st.session_state.get("live_watch_sound") and watch.count > told:
        st.session_state["live_beep"] = watch.count
    if number := st.session_state.get("live_beep"):
        beep.play(number)


@st.cache_resource(show_spinner=False)
def _forget_left_overs() -> None:
    """Once a server: thumbnails of an earlier one belong to no list any more."""
    thumbnails.delete_all()
