"""Small models from PyTorch, Keras and scikit-learn, and what other runtimes make of them.

    python3 tests/golden/make_models.py tests/golden/models

writes the models and models.json: for each model five rows of inputs and the scores of onnxruntime (SavedModel and
TFLite: of TensorFlow), which tool wrote it, and who is to read it: `own`, the reader of our own; `openvino`. Read by
tests/golden/test_golden_models.c and tests/cli/test_cli_knowledge.py, which state the tolerances.
"""
import json
import shutil
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn

warnings.filterwarnings("ignore")
FOLDER = Path(sys.argv[1])
ROWS = 5
rng = np.random.default_rng(20261121)
torch.manual_seed(20261121)
entries = []


def numbers(array):
    return [float(f"{value:.9g}") for value in np.asarray(array, np.float64).ravel()]


def add(name, tool, opset, kind, x, scores, own=True, openvino=True):
    scores = np.asarray(scores, np.float64).reshape(ROWS, -1)
    entries.append({"file": name, "tool": tool, "opset": opset, "kind": kind, "own": own, "openvino": openvino,
                    "shape": list(x.shape[1:]), "x": numbers(x), "scores": numbers(scores)})


def inputs(*shape):
    return rng.standard_normal((ROWS, *shape)).astype(np.float32)


def scores_of(path, x):
    """onnxruntime's, of the output that holds floats."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    rows = [x[i:i + 1] for i in range(ROWS)] if session.get_inputs()[0].shape[0] == 1 else [x]
    parts = []
    for part in rows:
        output = session.run(None, {name: part})[-1]
        if isinstance(output, list):  # dictionaries from classes to probabilities
            output = np.array([[row[key] for key in sorted(row)] for row in output])
        parts.append(output)
    return np.concatenate(parts)


# --- PyTorch ----------------------------------------------------------------------------------------------------------

def randomize(module):
    """Running statistics as training leaves them."""
    for part in module.modules():
        if isinstance(part, (nn.BatchNorm1d, nn.BatchNorm2d)):
            part.running_mean.uniform_(-1, 1)
            part.running_var.uniform_(0.5, 2)
            part.weight.data.uniform_(0.5, 1.5)
            part.bias.data.uniform_(-0.5, 0.5)


def pytorch(name, module, x, opset, kind="logit", dynamo=False, fixed=False, external=False, **who):
    path = FOLDER / f"torch_{name}.onnx"
    randomize(module)
    module.eval()
    example = torch.tensor(x[:1] if fixed else x)
    options = {"dynamo": dynamo, "opset_version": opset, "input_names": ["x"], "output_names": ["scores"]}
    if dynamo:
        options.update(dynamic_shapes=({0: torch.export.Dim("rows", min=2, max=4096)},), external_data=False,
                       verbose=False)
    elif not fixed:
        options["dynamic_axes"] = {"x": {0: "rows"}, "scores": {0: "rows"}}
    torch.onnx.export(module, (example,), str(path), **options)
    if dynamo:
        strip(path)
    if external:
        onnx.save_model(onnx.load(path), path, save_as_external_data=True, location=path.name + ".data",
                        size_threshold=0)
    add(path.name, f"torch {torch.__version__.split('+')[0]}{' dynamo' if dynamo else ''}", opset, kind, x,
        scores_of(path, x), **who)


def strip(path):
    """Without the source lines that the exporter writes about every node."""
    model = onnx.load(path)
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    del model.graph.metadata_props[:]
    for value in [*model.graph.value_info, *model.graph.input, *model.graph.output]:
        del value.metadata_props[:]
    del model.graph.value_info[:]
    onnx.save(model, path)


class View(nn.Module):
    """Flattened by a size that is asked for."""

    def __init__(self):
        super().__init__()
        self.conv, self.last = nn.Conv2d(1, 2, 3), nn.Linear(2 * 3 * 3, 3)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.conv(x)), 2)
        return self.last(x.view(x.size(0), -1))


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second, self.last = nn.Linear(6, 6), nn.Linear(6, 6), nn.Linear(6, 3)

    def forward(self, x):
        x = torch.relu(self.first(x))
        return self.last(x + torch.relu(self.second(x)))


class Standardized(nn.Module):
    """Inputs that are standardized in the model."""

    def __init__(self, inside, *shape):
        super().__init__()
        self.inside = inside
        self.register_buffer("mean", torch.linspace(-1, 1, shape[0]).reshape(shape))
        self.register_buffer("deviation", torch.linspace(0.5, 2, shape[0]).reshape(shape))

    def forward(self, x):
        return self.inside((x - self.mean) / self.deviation)


def pytorch_models():
    flat, image, rgb = inputs(8), inputs(1, 8, 8), inputs(3, 6, 6)
    pytorch("mlp", nn.Sequential(nn.Linear(8, 12), nn.ReLU(), nn.Linear(12, 3)), flat, 9)
    pytorch("softmax", nn.Sequential(nn.Linear(8, 12), nn.Tanh(), nn.Linear(12, 4), nn.Softmax(1)), flat, 11,
            kind="probability")
    pytorch("gelu", nn.Sequential(nn.Linear(8, 10), nn.GELU(), nn.Linear(10, 3)), flat, 13)
    pytorch("norm", nn.Sequential(nn.Linear(8, 10), nn.BatchNorm1d(10), nn.Sigmoid(), nn.Dropout(0.3),
                                  nn.BatchNorm1d(10), nn.Linear(10, 3)), flat, 15)
    pytorch("log_softmax", nn.Sequential(nn.Linear(8, 10), nn.LeakyReLU(0.2), nn.Linear(10, 3), nn.LogSoftmax(1)), flat,
            17, kind="log_probability")
    pytorch("binary", nn.Sequential(nn.Linear(8, 6), nn.ReLU(), nn.Linear(6, 1), nn.Sigmoid()), flat, 14,
            kind="probability")
    pytorch("standardized", Standardized(nn.Sequential(nn.Linear(8, 6), nn.ReLU(), nn.Linear(6, 3)), 8), flat, 12)
    pytorch("cnn_standardized", Standardized(nn.Sequential(nn.Conv2d(3, 3, 2), nn.ReLU(), nn.Flatten(),
                                                           nn.Linear(75, 3)), 3, 1, 1), rgb, 14)
    pytorch("cnn", nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 6, 3),
                                 nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(6, 3)), image, 11)
    pytorch("cnn_norm", nn.Sequential(nn.BatchNorm2d(3), nn.Conv2d(3, 4, (3, 2), stride=(2, 1), padding=(1, 0)),
                                      nn.ReLU(), nn.MaxPool2d(3, 2, 1), nn.BatchNorm2d(4), nn.Flatten(),
                                      nn.Linear(24, 3)), rgb, 13)
    pytorch("cnn_global", nn.Sequential(nn.Conv2d(3, 8, 3), nn.Tanh(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                                        nn.Linear(8, 3)), rgb, 16)
    pytorch("view", View(), image, 11)
    pytorch("rows", nn.Sequential(nn.Conv1d(2, 4, 3, padding=1), nn.ReLU(), nn.MaxPool1d(2), nn.Flatten(),
                                  nn.Linear(20, 3)), inputs(2, 10), 13)
    pytorch("fixed", nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(72, 3)), image, 11,
            fixed=True)
    pytorch("external", nn.Sequential(nn.Linear(8, 6), nn.ReLU(), nn.Linear(6, 3)), flat, 17, external=True)
    pytorch("dynamo", nn.Sequential(nn.Linear(8, 12), nn.GELU(), nn.Linear(12, 3)), flat, 18, dynamo=True)
    pytorch("dynamo_gelu", nn.Sequential(nn.Linear(8, 12), nn.GELU(), nn.Linear(12, 3)), flat, 20, dynamo=True)
    pytorch("dynamo_cnn", nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                                        nn.Linear(27, 3), nn.Softmax(1)), image, 18, kind="probability", dynamo=True)
    pytorch("residual", Residual(), inputs(6), 13, own=False)
    pytorch("groups", nn.Sequential(nn.Conv2d(4, 4, 3, groups=2), nn.ReLU(), nn.Flatten(), nn.Linear(64, 3)),
            inputs(4, 6, 6), 17, own=False)


# --- Keras ------------------------------------------------------------------------------------------------------------

def keras_models():
    import keras
    import tensorflow as tf
    import tf2onnx
    keras.utils.set_random_seed(20261121)
    layers = keras.layers
    tool = f"keras {keras.__version__}, tf2onnx {tf2onnx.__version__}"

    def build(shape, *parts):
        model = keras.Sequential([keras.Input(shape), *parts])
        for part in model.layers:
            if isinstance(part, layers.BatchNormalization):
                part.set_weights([rng.uniform(0.5, 1.5, w.shape) for w in part.get_weights()])
        return model

    def convert(name, model, x, opset, kind, **who):
        path = FOLDER / f"keras_{name}.onnx"
        signature = [tf.TensorSpec((None, *x.shape[1:]), tf.float32, name="x")]
        function = tf.function(lambda value: model(value, training=False), input_signature=signature)
        tf2onnx.convert.from_function(function, input_signature=signature, opset=opset, output_path=str(path))
        add(path.name, tool, opset, kind, x, scores_of(path, x), **who)

    flat, image, rgb = inputs(8), inputs(8, 8, 1), inputs(6, 6, 3)
    convert("mlp", build((8,), layers.Dense(12, activation="relu"), layers.Dense(3, activation="softmax")), flat, 13,
            "probability")
    convert("gelu", build((8,), layers.Dense(10, activation=lambda x: (0.5 * x) * (tf.math.erf(x / 2 ** 0.5) + 1)),
                          layers.Dense(3)), flat, 17, "logit")
    convert("norm", build((8,), layers.Rescaling(np.linspace(0.5, 2, 8).tolist(), np.linspace(-1, 1, 8).tolist()),
                          layers.Dense(10, activation="tanh"), layers.BatchNormalization(), layers.Dropout(0.2),
                          layers.Dense(3)), flat, 12, "logit")
    convert("binary", build((8,), layers.Dense(6, activation="relu"), layers.Dense(1, activation="sigmoid")), flat, 11,
            "probability")
    convert("cnn", build((8, 8, 1), layers.Conv2D(4, 3, activation="relu"), layers.MaxPooling2D(2),
                         layers.Conv2D(5, 2, activation="relu"), layers.Flatten(), layers.Dense(3)), image, 15, "logit")
    convert("cnn_rgb", build((6, 6, 3), layers.Rescaling(1 / 2, 0.25), layers.Conv2D(4, 3), layers.BatchNormalization(),
                             layers.ReLU(), layers.AveragePooling2D(2), layers.Flatten(),
                             layers.Dense(3, activation="softmax")), rgb, 13, "probability")
    convert("cnn_global", build((6, 6, 3), layers.Conv2D(6, 3, padding="same", activation="relu"),
                                layers.GlobalAveragePooling2D(), layers.Dense(3)), rgb, 18, "logit")
    convert("same", build((8, 8, 1), layers.Conv2D(3, 3, strides=2, padding="same", activation="relu"),
                          layers.Flatten(), layers.Dense(3)), image, 13, "logit", own=False)

    mlp = build((8,), layers.Dense(12, activation="relu"), layers.Dense(3, activation="softmax"))
    signature = [tf.TensorSpec((None, 8), tf.float32, name="x")]
    module = tf.Module()
    module.parts = [tf.Variable(w) for w in mlp.get_weights()]
    w1, b1, w2, b2 = module.parts
    module.serve = tf.function(lambda x: tf.nn.softmax(tf.nn.relu(x @ w1 + b1) @ w2 + b2), input_signature=signature)
    shutil.rmtree(FOLDER / "saved_model", ignore_errors=True)
    tf.saved_model.save(module, str(FOLDER / "saved_model"), signatures=module.serve)
    scores = mlp(flat).numpy()
    add("saved_model", f"tensorflow {tf.__version__}", 0, "probability", flat, scores, own=False)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([module.serve.get_concrete_function()], module)
    (FOLDER / "mlp.tflite").write_bytes(converter.convert())
    add("mlp.tflite", f"tensorflow {tf.__version__}", 0, "probability", flat, scores, own=False)


# --- scikit-learn -----------------------------------------------------------------------------------------------------

def sklearn_models():
    import sklearn
    import skl2onnx
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from skl2onnx.common.data_types import FloatTensorType
    tool = f"scikit-learn {sklearn.__version__}, skl2onnx {skl2onnx.__version__}"
    points = rng.standard_normal((150, 6)) * np.linspace(0.5, 3, 6) + np.linspace(-2, 2, 6)
    kinds = (points @ rng.standard_normal((6, 3))).argmax(1)
    x = (rng.standard_normal((ROWS, 6)) * np.linspace(0.5, 3, 6) + np.linspace(-2, 2, 6)).astype(np.float32)

    def convert(name, model, labels, opset, zipmap, **who):
        path = FOLDER / f"sklearn_{name}.onnx"
        model.fit(points, labels)
        last = model.steps[-1][1] if hasattr(model, "steps") else model
        made = skl2onnx.to_onnx(model, initial_types=[("x", FloatTensorType([None, 6]))],
                                target_opset={"": opset, "ai.onnx.ml": 1 if opset < 12 else 3},
                                options={id(last): {"zipmap": zipmap}})
        path.write_bytes(made.SerializeToString())
        add(path.name, tool, opset, "probability", x, scores_of(path, x), **who)

    mlp = {"hidden_layer_sizes": (8,), "max_iter": 60, "random_state": 1}
    convert("mlp", MLPClassifier(**mlp), kinds, 12, True)
    convert("mlp_binary", MLPClassifier(activation="tanh", **mlp), kinds > 0, 15, False)
    convert("mlp_logistic", MLPClassifier(activation="logistic", **mlp), kinds, 17, False)
    convert("pipeline", make_pipeline(StandardScaler(), MLPClassifier(**mlp)), kinds, 13, True, openvino=False)
    convert("logistic", LogisticRegression(), kinds, 14, True, openvino=False)
    convert("logistic_binary", LogisticRegression(), kinds > 0, 11, False, openvino=False)


FOLDER.mkdir(exist_ok=True)
pytorch_models()
keras_models()
sklearn_models()
with open(FOLDER / "models.json", "w", encoding="utf-8") as file:
    lines = ",\n".join(" " + json.dumps(entry) for entry in entries)
    file.write(f'{{"onnxruntime": "{onnxruntime.__version__}", "models": [\n{lines}\n]}}\n')
