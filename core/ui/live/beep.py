"""A short quiet tone, made here, for the browser to play."""

from __future__ import annotations

import io
import wave

import numpy as np
import streamlit as st

_RATE, _SECONDS, _HERTZ, _LOUDNESS = 16_000, 0.25, 880.0, 0.3
_HIDE = '<style>[class*="st-key-beep_"] { display: none; }</style>'


def tone() -> bytes:
    """A sine of a quarter of a second that swells and fades, so that it does not click; as WAV."""
    at = np.arange(round(_RATE * _SECONDS)) / _RATE
    wanted = _LOUDNESS * np.sin(2 * np.pi * _HERTZ * at) * np.sin(np.pi * at / _SECONDS)
    memory = io.BytesIO()
    with wave.open(memory, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes((32767 * wanted).astype("<i2").tobytes())
    return memory.getvalue()


def play(number: int) -> None:
    """Play it once for each new number, in a player that is not seen."""
    st.html(_HIDE)
    with st.container(key=f"beep_{number}"):
        st.audio(tone(), format="audio/wav", autoplay=True)
