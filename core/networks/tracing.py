"""What torch.fx needs: while it traces a network, it changes how every network of the process is called."""

from __future__ import annotations

import threading

ALONE = threading.Lock()
"""Held by who traces a network, or calls one while another thread may trace."""
