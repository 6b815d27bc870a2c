"""Every network that is declared can be trained, cut, exported and explained; what is declared of it is true. A new one
is tested here and wherever else tests go through NETWORKS."""

from __future__ import annotations

import copy
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
import torch

from core.cli.parser import parse
from core.data.dataset.split import Row
from core.data.dataset.torch_dataset import FacePhotos
from core.data.images.preprocessing import Preprocessing
from core.networks.build import build, parameter_counts
from core.networks.registry import DEFAULT, NETWORKS
from core.schema import train_config as configs
from core.schema.train_config import TrainConfig
from core.store.paths import PROJECT
from core.training.loop import Training
from tests.fixtures.support import KINDS, labels_of

SIDE, TRAINED_SIDE = 64, 32
# The presets and the published tables of the reports, and the network that ships with the project.
MAY_NAME_NETWORKS = {
    Path("core/schema/train_config.py"), Path("core/schema/presets.py"),
    Path("core/evaluation/compare/student_reports.py"),
}  # fmt: skip


def config_of(backbone: str, mode: str, **settings) -> TrainConfig:
    values = {"dataset": "-", "backbone": backbone, "mode": mode, "weights": "none", "image_size": SIDE}
    return configs.make(configs.fill_in(values | settings))


def test_the_reports_networks_are_there_and_one_is_the_default():
    assert {"MobileNet", "ResNet", "ResNetLogit", "BasicCNN"} <= NETWORKS.keys()
    assert DEFAULT == configs.make({"dataset": "x"}).backbone == "MobileNet"
    assert [name for name, spec in NETWORKS.items() if spec.default] == [DEFAULT]


def test_it_is_read_without_torch():
    code = "import sys; from core.schema.train_config import NETWORKS; assert NETWORKS and 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=True)


@pytest.mark.parametrize("backbone", NETWORKS)
def test_form_and_command_line_offer_it(backbone: str, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "5000")
    assert backbone in get_args(TrainConfig.model_fields["backbone"].annotation)
    assert parse(["train", "faces", "--backbone", backbone]).config.backbone == backbone
    with pytest.raises(SystemExit):
        parse(["train", "-h"])
    said = capsys.readouterr().out
    assert re.search(rf"--backbone \S*\b{backbone}\b", said)
    assert f"{backbone} ({NETWORKS[backbone].title}) {NETWORKS[backbone].help}" in said


def test_no_other_file_knows_a_network_s_name():
    known = re.compile(rf"\b({'|'.join(NETWORKS)})\b")
    files = [file.relative_to(PROJECT) for folder in ("core", "pages") for file in (PROJECT / folder).rglob("*.py")]
    knowing = {file for file in files if known.search((PROJECT / file).read_text(encoding="utf-8"))}
    declared = {file for file in knowing if file.parent.name == "zoo"}
    assert len(declared) >= len(NETWORKS)
    assert knowing - declared == MAY_NAME_NETWORKS


def test_a_wrong_declaration_is_told():
    spec = NETWORKS[DEFAULT]
    for name in ("Mobile-Net", "Mobile Net", "../x", "Möbile", ""):
        with pytest.raises(ValueError, match="letters and digits only"):
            replace(spec, name=name)
    with pytest.raises(ValueError, match="'stride 64' is none of its stages stride 2, "):
        replace(spec, retrain_from="stride 64")


@pytest.mark.parametrize("backbone", NETWORKS)
def test_its_stages_hold_every_parameter_once(backbone: str):
    spec = NETWORKS[backbone]
    network = build(config_of(backbone, "retrain"), len(labels_of(backbone)))
    modules = [network.get_submodule(name) for names in spec.stages.values() for name in names]
    held = [id(parameter) for module in modules for parameter in module.parameters()]
    assert sorted(held) == sorted(id(parameter) for parameter in network.parameters())


@pytest.mark.parametrize(("backbone", "mode"), KINDS)
def test_what_is_trained_is_what_is_declared(backbone: str, mode: str):
    spec, config = NETWORKS[backbone], config_of(backbone, mode)
    network = build(config, len(labels_of(backbone)))
    stages = list(spec.stages)
    first = 0 if spec.retrain_from is None else stages.index(spec.retrain_from) if mode == "retrain" else -1
    wanted = tuple(f"{module}." for stage in stages[first:] for module in spec.stages[stage])
    for name, parameter in network.named_parameters():
        assert parameter.requires_grad == name.startswith(wanted), name
    assert (parameter_counts(network)[0] < parameter_counts(network)[1]) == bool(spec.frozen(mode))
    assert spec.trains_head(mode) == (first == -1)


@pytest.fixture(scope="module")
def photos(faces: Path):
    """The same photos for every network, by how many labels it knows."""

    def of(backbone: str) -> FacePhotos:
        rows = [
            Row(file.relative_to(faces).as_posix(), label, file.name, "train")
            for label in labels_of(backbone)
            for file in sorted((faces / label).iterdir())[:5]
        ]
        return FacePhotos(faces, rows, labels_of(backbone), Preprocessing(TRAINED_SIDE))

    return of


@pytest.mark.parametrize(("backbone", "mode"), KINDS)
def test_an_epoch_on_drawn_faces_changes_what_is_trained_alone(backbone: str, mode: str, photos):
    settings = {"image_size": TRAINED_SIDE, "batch_size": 5, "precision": "float32", "learning_rate": 1e-3}
    config = config_of(backbone, mode, epochs=1, **settings)
    torch.manual_seed(0)
    network, own = build(config, len(labels_of(backbone))), photos(backbone)
    before = copy.deepcopy(network.state_dict())
    (row,) = Training(config, network, own, own, torch.device("cpu"), lambda share: None).epochs()
    assert 0 < row["train_loss"] < 100 and 0 < row["val_loss"] < 100
    trained = {name for name, parameter in network.named_parameters() if parameter.requires_grad}
    for name, value in network.state_dict().items():
        if name in trained:
            assert not torch.equal(value, before[name]), name
        elif name in dict(network.named_parameters()) or config.spec.trains_head(mode):
            assert torch.equal(value, before[name]), name
