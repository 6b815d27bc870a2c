"""Batches of photos where the network is: read as they are asked for on a processor, kept in a GPU's memory if they
fit."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from core.data.dataset.torch_dataset import Batch, FacePhotos

# Of the GPU's free memory; the rest is for the network.
_SHARE = 0.4
_CHUNK = 256


class Feed:
    """`room` are bytes of photos that the device may keep; where they do not fit, batches are copied one by one."""

    def __init__(self, photos: FacePhotos, device: torch.device, room: int | None = None) -> None:
        self.photos, self.device = photos, device
        size = len(photos) * 3 * photos.preprocessing.image_size**2
        self._fits = size <= (_room(device) if room is None else room)
        self._kept: tuple[torch.Tensor, torch.Tensor, torch.Tensor] | None = None

    def batch(self, items: Sequence[int]) -> Batch:
        """These photos on the device, but for those that were damaged since the scan."""
        if self._fits:
            return self._chosen(items)
        pixels, target, items = self.photos.load(items)
        if self.device.type == "cuda":
            pixels, target = pixels.pin_memory(), target.pin_memory()
        return Batch(pixels.to(self.device, non_blocking=True), target.to(self.device, non_blocking=True), items)

    def _chosen(self, items: Sequence[int]) -> Batch:
        pixels, target, place = self._kept = self._kept or self._load()
        places = place[torch.as_tensor(items, dtype=torch.long)]
        usable = (places >= 0).nonzero().flatten().tolist()
        own = places[places >= 0].to(self.device)
        return Batch(pixels[own], target[own], [items[index] for index in usable])

    def _load(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """(pixels, targets, the place of each item in them or -1)."""
        place = torch.full((len(self.photos),), -1)
        pixels, targets, known = [], [], 0
        for start in range(0, len(self.photos), _CHUNK):
            batch = self.photos.load(range(start, min(start + _CHUNK, len(self.photos))))
            place[batch.items] = torch.arange(known, known + len(batch.items))
            known += len(batch.items)
            pixels.append(batch.pixels.to(self.device))
            targets.append(batch.target.to(self.device))
        return torch.cat(pixels).contiguous(memory_format=torch.channels_last), torch.cat(targets), place


def _room(device: torch.device) -> int:
    # A processor's photos are in its memory already, or a page of the disk away.
    return int(_SHARE * torch.cuda.mem_get_info(device)[0]) if device.type == "cuda" else 0
