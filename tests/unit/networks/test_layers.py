"""What a network is made of: counts against torchvision's published ones and torch's own, and the residual block."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.charts import network as charts
from core.cli.main import main
from core.networks.build import build, parameter_counts
from core.networks.layers import describe
from core.networks.registry import NETWORKS
from core.networks.torchvision_models import models
from core.schema.train_config import TrainConfig, fill_in, make
from core.store import paths
from tests.fixtures.compare_fixtures import finished_run, right, with_known_network

# Of a network with one logit, torchvision has but a part.
PUBLISHED = [name for name, spec in NETWORKS.items() if spec.imagenet and not spec.one_logit]


def told(backbone: str, mode: str = "retrain", size: int = 224) -> TrainConfig:
    values = {"dataset": "x", "backbone": backbone, "mode": mode, "image_size": size, "weights": "none"}
    return make(fill_in(values))


@pytest.mark.parametrize("backbone", PUBLISHED)
def test_sums_are_those_that_torchvision_publishes(backbone):
    found, known = describe(told(backbone), 1000), models.get_weight(NETWORKS[backbone].imagenet.weights).meta
    assert found.parameters == known["num_params"]
    assert found.mult_adds / 1e9 == pytest.approx(known["_ops"], rel=1e-3)
    assert found.stages[-1].output == (1000,)


@pytest.mark.parametrize("mode", ["not_retrain", "retrain"])
@pytest.mark.parametrize("backbone", NETWORKS)
def test_what_is_trained_is_what_torch_would_train(backbone, mode):
    config = told(backbone, mode, 96)
    network, found = build(config, 2), describe(config, 2)
    assert (found.trained, found.parameters) == parameter_counts(network)
    layers = [layer for stage in found.stages for layer in stage.layers]
    assert {layer.name for layer in layers if layer.parameters} == {
        name.rsplit(".", 1)[0] for name, _ in network.named_parameters()
    }
    for layer in layers:
        own = [parameter for parameter in network.get_submodule(layer.name).parameters()]
        assert layer.parameters == sum(parameter.numel() for parameter in own)
        assert layer.trained == sum(parameter.numel() for parameter in own if parameter.requires_grad)


def test_stages_have_the_shapes_and_what_is_frozen_of_their_network():
    found = describe(told("ResNet"), 3)
    assert [(stage.name, stage.output, charts.training(vars(stage))) for stage in found.stages] == [
        ("stem", (64, 56, 56), "frozen"), ("layer1", (256, 56, 56), "frozen"), ("layer2", (512, 28, 28), "frozen"),
        ("layer3", (1024, 14, 14), "trained"), ("layer4", (2048, 7, 7), "trained"), ("fc", (3,), "trained"),
    ]  # fmt: skip
    assert [stage.made_of for stage in found.stages[:3]] == [
        "Conv2d, BatchNorm2d, ReLU, MaxPool2d", "3 bottlenecks", "4 bottlenecks",
    ]  # fmt: skip
    assert describe(told("ResNetLogit"), 2).stages[-1].output == (1,)


def test_a_bottleneck_is_drawn_as_it_is_computed():
    block = describe(told("ResNet"), 2).block
    assert (block.name, block.kind) == ("layer1.0", "bottleneck")
    steps = {node.name: node for node in block.nodes}
    lines = [node.lines[0] for node in block.nodes]
    assert lines == [
        "input", "1 × 1 convolution, 64 → 64", "3 × 3 convolution, 64 → 64", "1 × 1 convolution, 64 → 256",
        "1 × 1 convolution, 64 → 256", "add",
    ]  # fmt: skip
    assert steps["conv1"].lines[1:] == ("batch normalisation", "ReLU")
    assert steps["conv1"].takes == steps["downsample_0"].takes == ("x",)
    assert steps["add"].takes == ("conv3", "downsample_0")
    drawn = charts.block(json.loads(json.dumps(describe(told("ResNet"), 2).as_dict()))["block"])
    assert drawn.count(" -> ") == 6 and drawn.count("frozen") == 4


def test_an_inverted_residual_adds_its_own_input():
    block = describe(told("MobileNet"), 2).block
    assert block.kind == "inverted residual"
    assert block.nodes[-1].lines == ("add",) and block.nodes[-1].takes == ("x", "conv_2")
    assert "3 × 3 depthwise convolution, 144 → 144" in block.nodes[2].lines
    assert describe(told("BasicCNN"), 2).block is None


def test_a_model_and_its_run_are_described_alike(faces, tmp_path, capsys):
    run = with_known_network(finished_run(faces, right, backbone="MobileNet", mode="retrain", wrong_mask=False))
    file = tmp_path / "network.json"
    assert main(["describe", run.id, "--json", str(file)]) == 0
    of_run = capsys.readouterr().out
    assert main(["describe", str(paths.models_dir() / run.report().model)]) == 0
    assert capsys.readouterr().out == of_run
    assert of_run.startswith("MobileNet (retrain) for 2 labels: 2,226,434 parameters, of which 2,170,946 are trained;")
    assert json.loads(file.read_text())["trained"] == 2_170_946
    assert main(["describe", run.id, "--layers"]) == 0
    assert "| features.18.0 | Conv2d |" in capsys.readouterr().out
    assert main(["describe", str(Path("models") / "nothing.pth")]) == 2
    assert main(["describe", "no-run"]) == 2


def test_a_network_is_described_while_others_are():
    """torch.fx changes how every network of the process is called while it traces one."""
    config = make({"dataset": "x", "backbone": "MobileNet", "mode": "retrain", "weights": "none", "image_size": 32})
    with ThreadPoolExecutor(4) as many:
        found = list(many.map(lambda _: describe(config, 3), range(8)))
    assert all(one == found[0] for one in found)
