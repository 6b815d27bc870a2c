"""The command line's words: report A's lines, the options made from TrainConfig, and every sentence of refusal."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from core.cli.main import main
from core.cli.parser import parse
from core.schema import setting_words
from core.schema import train_config as configs
from core.schema.presets import PRESETS
from core.schema.train_config import TrainConfig

REPORT_A_TRAIN = "train ./dataset3_classes/labeled/ --backbone ResNet -resnet_retrain_mode retrain --split_data"
TYPED = {
    "wrong_mask": ("False", False), "backbone": ("ResNet", "ResNet"), "mode": ("retrain", "retrain"),
    "weights": ("none", "none"), "image_size": ("64", 64), "batch_size": ("8", 8), "epochs": ("3", 3),
    "learning_rate": ("0.02", 0.02), "optimizer": ("sgd", "sgd"), "momentum": ("0.5", 0.5), "augment": ("false", False),
    "split": ("0.6,0.2,0.2", (0.6, 0.2, 0.2)), "seed": ("7", 7), "class_weighting": ("True", True),
    "label_smoothing": ("0.1", 0.1), "average_weights": ("True", True),
    "patience": ("4", 4), "views": ("3", 3), "precision": ("float32", "float32"),
    "schedule": ("constant", "constant"), "robust": ("True", True), "drawn_masks": ("True", True), "folds": ("5", 5),
    "fold": ("0", 0), "held_out_source": ("phone", "phone"), "version": ("3fa94c", "3fa94c"),
}  # fmt: skip


def refused(words: list[str], capsys: pytest.CaptureFixture) -> str:
    """The one sentence on stderr of a command that must end with 2 and print nothing else."""
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and "Traceback" not in err
    return err


@pytest.mark.parametrize(
    "shares",
    ["[0.70, 0.20, 0.10]", "0.70 0.20 0.10", "[0.70,0.20,0.10]", "[ 0.70 , 0.20 , 0.10 ]", "(.7, .2, .1)", ".7,.2,.1"],
)
def test_report_a_s_train_line(shares: str) -> None:
    for split in (shares.split(), [shares]):
        config = parse([*REPORT_A_TRAIN.split(), *split]).config
        assert (config.dataset, config.backbone, config.mode) == ("./dataset3_classes/labeled/", "ResNet", "retrain")
        assert config.split == (0.70, 0.20, 0.10)
        assert config.learning_rate == 1e-4


def test_report_a_s_other_lines() -> None:
    line = "evaluate ./models/X.pth ./dataset/labeled/ -resnet_retrain_mode not_retrain --shuffle False"
    args = parse(shlex.split(line))
    assert (args.model, args.dataset) == (Path("models/X.pth"), Path("dataset/labeled"))
    assert (args.mode, args.shuffle, args.json) == ("not_retrain", False, None)
    assert parse(["classify", "models/X.pth", "clip.mp4"]).source == "clip.mp4"
    assert parse(["classify", "models/X.pth"]).source == "0"


def test_the_split_takes_no_word_that_follows_it() -> None:
    config = parse(shlex.split("train --split_data [0.70, 0.20, 0.10] 2024 --epochs 3")).config
    assert (config.dataset, config.split, config.epochs) == ("2024", (0.7, 0.2, 0.1), 3)
    assert parse(shlex.split("train faces --split=[0.6, 0.2, 0.2]")).config.split == (0.6, 0.2, 0.2)


@pytest.mark.parametrize("option", ["--batch_size", "--batch-size", "-batch_size", "-batch-size"])
def test_hyphens_and_underscores_are_alike(option: str) -> None:
    assert parse(["train", "faces", option, "8"]).config.batch_size == 8
    assert parse(["train", "faces", f"{option}=8"]).config.batch_size == 8
    assert parse(["evaluate", "m.pth", "faces", option, "8"]).batch_size == 8


@pytest.mark.parametrize("option", ["--mode", "-resnet_retrain_mode", "--resnet_retrain_mode", "--resnet-retrain-mode"])
def test_every_spelling_of_the_mode(option: str) -> None:
    assert parse(["train", "faces", option, "retrain"]).config.mode == "retrain"
    assert parse(["evaluate", "m.pth", "faces", option, "retrain"]).mode == "retrain"


def test_every_field_is_an_option() -> None:
    assert TYPED.keys() | {"dataset"} == TrainConfig.model_fields.keys()
    for name, (word, value) in TYPED.items():
        assert getattr(parse(["train", "faces", f"--{name}", word]).config, name) == value


def test_studies_and_single_folds() -> None:
    words = ["train", "faces"]
    assert parse(words).study is None
    assert parse([*words, "--repeats", "4"]).study == ("repeats", 4)
    assert parse([*words, "--ablation"]).study == ("ablation", 0)
    assert parse([*words, "--folds", "5"]).study == ("folds", 5)
    one = parse([*words, "--folds", "5", "--fold", "2"])
    assert (one.study, one.config.folds, one.config.fold) == (None, 5, 2)
    assert parse([*words, "--folds", "5", "--fold", "2", "--repeats", "3"]).study == ("repeats", 3)


def test_the_other_commands() -> None:
    args = parse(["compare", "one", "two", "--json", "n.json"])
    assert (args.runs, args.json) == (["one", "two"], Path("n.json"))
    args = parse(["report", "one", "--out", "page.html", "--photos"])
    assert (args.runs, args.out, args.photos) == (["one"], Path("page.html"), True)
    assert (parse(["report", "one"]).out, parse(["report", "one"]).photos) == (None, False)
    args = parse(["stress", "models/X.pth", "faces", "--photos", "20"])
    assert (args.model, args.dataset, args.photos, args.json) == ("models/X.pth", Path("faces"), 20, None)
    assert (parse(["stress", "a-run"]).dataset, parse(["stress", "a-run"]).photos) == (None, 500)
    assert parse(["doubts", "faces"]).dataset == Path("faces")


def test_only_what_was_typed_is_passed_on() -> None:
    assert parse(["train", "faces"]).config == configs.make({"dataset": "faces"})
    assert parse(["train", "faces", "--backbone", "BasicCNN"]).config.weights == "none"
    assert parse(["train", "faces", "--backbone", "ResNetLogit"]).config.wrong_mask is False
    assert parse(["train", "faces", "--mode", "retrain", "--learning_rate", "0.5"]).config.learning_rate == 0.5


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_gives_way_to_what_is_typed(name: str) -> None:
    config = parse(["train", "faces", "--preset", name.upper()]).config
    assert {key: getattr(config, key) for key in PRESETS[name]} == PRESETS[name]
    assert parse(["train", "--preset", name, "--epochs", "3", "faces"]).config.epochs == 3


def test_help_is_made_from_the_declaration(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "500")
    commands = ("train", "evaluate", "classify", "compare", "report", "stress", "doubts", "health", "forget", "cache")
    for words in (["--help"], *([command, "-h"] for command in commands)):
        with pytest.raises(SystemExit, match="0"):
            parse(words)
    text = capsys.readouterr().out
    for name in TYPED:
        title, description = setting_words.describe(name)
        assert f"--{name} " in text and f"{title}. {description}" in text
    assert "32 to 512; default: 160" in text
    assert all(name in text for name in PRESETS)


def test_help_waits_neither_for_torch_nor_for_streamlit() -> None:
    code = (
        "import sys\nfrom core.cli.main import main\ntry:\n    main(['train', '-h'])\n"
        "except SystemExit:\n    sys.exit(bool({'torch', 'streamlit'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=False).returncode == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "required: COMMAND"),
        (["trian"], "invalid choice"),
        (["train"], "Type the folder"),
        (["train", "f", "--epoch", "3"], "Unrecognized arguments: --epoch"),
        (["train", "f", "g"], "Unrecognized arguments: g"),
        (["train", "f", "--epochs"], "expected one argument"),
        (["train", "f", "--epochs", "0"], "epochs: input should be greater"),
        (["train", "f", "--epochs", "many"], "epochs: input should be a valid integer"),
        (["train", "f", "--learning_rate", "-1"], "learning_rate: input should be greater"),
        (["train", "f", "--learning_rate", "nan"], "learning_rate"),
        (["train", "f", "--augment", "perhaps"], "augment: input should be a valid boolean"),
        (["train", "f", "--backbone", "VGG"], "input should be 'MobileNet', "),
        (["train", "f", "--backbone", "ResNetLogit", "--wrong_mask", "True"], "two classes only"),
        (["train", "f", "--backbone", "BasicCNN", "--weights", "imagenet"], "no ImageNet weights"),
        (["train", "f", "--split", "0.7", "0.3"], "three shares"),
        (["train", "f", "--split_data", "half"], "three shares"),
        (["train", "f", "--split_data", "[0.7,", "0.2,", "0.2]"], "add up to 1.1"),
        (["train", "f", "--split_data", "1.5 -0.2 -0.3"], "split.0: input should be less than 1"),
        (["train", "f", "--preset", "Worst"], "'Quick', 'Balanced', 'Best'"),
        (["train", "--resume", "x", "--epochs", "3"], "type nothing else"),
        (["train", "--resume", "x", "--preset", "Balanced"], "type nothing else"),
        (["train", "--resume", "x", "--repeats", "2"], "type nothing else"),
        (["train", "--resume", "x", "--ablation"], "type nothing else"),
        (["train", "f", "--folds", "2"], "folds: 2 are too few"),
        (["train", "f", "--folds", "5", "--fold", "5"], "there is no fold 5"),
        (["train", "f", "--fold", "1"], "there is no fold 1"),
        (["train", "f", "--repeats", "1"], "repeats: choose 2 to 20 trainings, not 1"),
        (["train", "f", "--repeats", "few"], "invalid int value"),
        (["train", "f", "--repeats", "3", "--ablation"], "three experiments"),
        (["train", "f", "--repeats", "3", "--folds", "5"], "three experiments"),
        (["train", "f", "--ablation", "--learning_rate", "0.6"], "the ablation's baseline takes 2 times 0.6"),
        (["train", "f", "--ablation", "--factor", "1"], "factor: choose 1.1 to 1000, not 1"),
        (["train", "f", "--factor", "3"], "type --ablation beside them"),
        (["sweep", "f", "--repeats", "2", "--custom-photos", "own"], "type --ablation beside them"),
        (["train", "no_such_folder", "--weights", "none", "--folds", "3"], "There is no folder"),
        (["compare"], "required: RUN"),
        (["stress"], "required: MODEL_OR_RUN"),
        (["train", "--resume", "20260101-000000_none"], "There is no run"),
        (["train", "--resume", "../elsewhere"], "is not a run in"),
        (["train", "no_such_folder", "--weights", "none"], "There is no folder"),
        (["evaluate", "m.pth"], "required: DATASET"),
        (["evaluate", "m.pth", "f", "--shuffle", "no"], "True or False is wanted"),
        (["evaluate", "m.pth", "f", "--mode", "half"], "invalid choice"),
        (["evaluate", "no_such.pth", "f"], "There is no model file no_such.pth"),
        (["classify"], "required: MODEL"),
        (["classify", "no_such.pth", "f"], "There is no model file no_such.pth"),
    ],
)  # fmt: skip
def test_refusals(words: list[str], sentence: str, capsys: pytest.CaptureFixture) -> None:
    assert sentence in refused(words, capsys)


def test_a_missing_network_to_continue_from_is_refused(faces: Path, capsys: pytest.CaptureFixture) -> None:
    assert "models/ has no file 'gone.pth'" in refused(["train", str(faces), "--weights", "gone.pth"], capsys)


def test_refusals_about_files(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    foreign = tmp_path / "foreign.pth"
    foreign.write_bytes(b"not a network")
    below_a_file = str(foreign / "numbers.json")
    (tmp_path / "pets" / "cats").mkdir(parents=True)
    for command in ("evaluate", "classify"):
        assert "not a model file" in refused([command, str(foreign), "f"], capsys)
        assert "can't be written" in refused([command, str(foreign), "f", "--json", below_a_file], capsys)
        assert "would be overwritten" in refused([command, str(foreign), "f", "--json", str(foreign)], capsys)
    assert "'cats', which is no label" in refused(["train", str(tmp_path / "pets"), "--weights", "none"], capsys)
    assert foreign.read_bytes() == b"not a network"


def test_a_home_that_cannot_be_written(
    faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MASKLAB_HOME", str(tmp_path / "file"))
    assert "can't be written" in refused(["train", str(faces), "--weights", "none"], capsys)
    assert "Not a directory" in refused(["train", "--resume", "x"], capsys)
