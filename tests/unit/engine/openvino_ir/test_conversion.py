from typing import Any

import numpy as np
import pytest

from people_pathing.engine.errors import ModelError
from people_pathing.engine.onnx_session import inference_session
from people_pathing.engine.openvino_ir.conversion import to_onnx
from people_pathing.engine.openvino_ir.network import read_network
from tests.openvino_like import NetworkWriter, weighted_sum, window

RNG = np.random.default_rng(5)


def image(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(np.float32)


def answer(network: NetworkWriter, output: str, picture: np.ndarray, *, any_input_size: bool = False) -> Any:
    model = to_onnx(read_network(*network.files()), [output], any_input_size=any_input_size)
    (result,) = inference_session(model).run(None, {"image": picture})
    return result


def with_image(*shape: int) -> NetworkWriter:
    network = NetworkWriter()
    network.layer("image", "Parameter", [], shape)
    return network


def test_a_network_gives_the_numbers_that_its_weights_say() -> None:
    picture = np.arange(12, dtype=np.float32).reshape(1, 3, 2, 2)
    model = to_onnx(read_network(*weighted_sum()), ["plus one"], any_input_size=False)
    (result,) = inference_session(model).run(None, {"image": picture})
    expected = picture[0, 0] + 2 * picture[0, 1] + 4 * picture[0, 2] + 1
    np.testing.assert_allclose(result[0, 0], expected)


def test_equal_networks_give_equal_bytes() -> None:
    first, second = (
        to_onnx(read_network(*weighted_sum()), ["plus one"], any_input_size=False) for _ in range(2)
    )
    assert first.SerializeToString(deterministic=True) == second.SerializeToString(deterministic=True)


def test_a_free_input_size_accepts_larger_images() -> None:
    model = to_onnx(read_network(*weighted_sum()), ["sum"], any_input_size=True)
    (result,) = inference_session(model).run(None, {"image": image(1, 3, 5, 9)})
    assert result.shape == (1, 1, 5, 9)


def test_layers_that_no_output_needs_are_left_out() -> None:
    network = with_image(1, 3, 2, 2)
    network.layer("kept", "ReLU", ["image"], (1, 3, 2, 2))
    network.layer("shape", "ShapeOf", ["kept"], (4,))
    picture = image(1, 3, 2, 2)
    np.testing.assert_array_equal(answer(network, "kept", picture), np.maximum(picture, 0))


def test_normalisation_removes_mean_and_deviation_of_each_channel() -> None:
    network = with_image(1, 3, 4, 5)
    axes = network.constant("axes", [-2, -1], "int64")
    network.layer("even", "MVN", ["image", axes], (1, 3, 4, 5), {"eps": "1e-5"})
    picture = image(1, 3, 4, 5)
    mean, deviation = picture.mean((2, 3), keepdims=True), picture.var((2, 3), keepdims=True)
    expected = (picture - mean) / np.sqrt(deviation + 1e-5)
    np.testing.assert_allclose(answer(network, "even", picture), expected, atol=1e-5)


def test_groups_of_a_convolution_see_their_own_channels() -> None:
    network = with_image(1, 4, 2, 2)
    weights = network.constant("weights", np.array([1, 2, 3, 5]).reshape(2, 1, 2, 1, 1))
    network.layer("sums", "GroupConvolution", ["image", weights], (1, 2, 2, 2), window())
    picture = image(1, 4, 2, 2)
    expected = np.stack([picture[0, 0] + 2 * picture[0, 1], 3 * picture[0, 2] + 5 * picture[0, 3]])
    np.testing.assert_allclose(answer(network, "sums", picture)[0], expected, rtol=1e-5)


def test_pooling_clamping_means_and_reordering_keep_their_meaning() -> None:
    network = with_image(1, 3, 4, 4)
    order = network.constant("order", [2, 1, 0], "int32")
    axis = network.constant("axis", 1, "int64")
    network.layer("turned", "Gather", ["image", order, axis], (1, 3, 4, 4), {"batch_dims": "0"})
    halves = window(kernel="2, 2", strides="2, 2", rounding_type="floor")
    network.layer("largest", "MaxPool", ["turned"], (1, 3, 2, 2), halves)
    network.layer("average", "AvgPool", ["turned"], (1, 3, 2, 2), {**halves, "exclude-pad": "true"})
    network.layer("limited", "Clamp", ["largest"], (1, 3, 2, 2), {"min": "0.0", "max": "0.5"})
    both = network.constant("both", [2, 3], "int64")
    network.layer("mean", "ReduceMean", ["average", both], (1, 3, 1, 1), {"keep_dims": "true"})
    picture = image(1, 3, 4, 4)
    blocks = picture[0, ::-1].reshape(3, 2, 2, 2, 2)
    expected = np.clip(blocks.max((2, 4)), 0, 0.5)
    np.testing.assert_allclose(answer(network, "limited", picture)[0], expected)
    np.testing.assert_allclose(
        answer(network, "mean", picture)[0, :, 0, 0], picture[0, ::-1].mean((1, 2)), atol=1e-6
    )


def test_a_product_with_a_slope_keeps_its_meaning() -> None:
    network = with_image(1, 4, 1, 1)
    shape = network.constant("shape", [1, 4], "int64")
    network.layer("row", "Reshape", ["image", shape], (1, 4), {"special_zero": "true"})
    factors = network.constant("factors", np.arange(8).reshape(2, 4))
    sides = {"transpose_a": "false", "transpose_b": "true"}
    network.layer("product", "MatMul", ["row", factors], (1, 2), sides)
    slope = network.constant("slope", [0.25])
    network.layer("sloped", "PReLU", ["product", slope], (1, 2))
    picture = image(1, 4, 1, 1)
    product = picture.reshape(1, 4) @ np.arange(8).reshape(2, 4).T
    expected = np.where(product < 0, product / 4, product)
    np.testing.assert_allclose(answer(network, "sloped", picture), expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("operation", "settings", "message"),
    [
        ("LSTMCell", {}, "layer last is a LSTMCell, which cannot be converted"),
        ("Convolution", window(auto_pad="same_upper"), "layer last does not state its padding"),
        ("MaxPool", window(kernel="2, 2", rounding_type="ceil"), "layer last does not state its padding"),
        ("MVN", {"eps": "1e-5"}, r"layer last normalises over the axes"),
        ("PReLU", {}, "layer last has a slope for each channel"),
        (
            "MatMul",
            {"transpose_a": "true", "transpose_b": "false"},
            "layer last transposes its first factor",
        ),
    ],
)
def test_a_layer_that_cannot_be_converted_is_named(
    operation: str, settings: dict[str, str], message: str
) -> None:
    network = with_image(1, 3, 2, 2)
    ones = network.constant("ones", np.ones((1, 3, 1, 1)))
    network.layer("last", operation, ["image", ones], (1, 3, 2, 2), settings)
    with pytest.raises(ModelError, match=message):
        to_onnx(read_network(*network.files()), ["last"], any_input_size=False)


def test_weights_that_are_computed_are_refused() -> None:
    network = with_image(1, 3, 2, 2)
    network.layer("last", "Convolution", ["image", "image"], (1, 3, 2, 2), window())
    with pytest.raises(ModelError, match="input 1 of layer last is not constant"):
        to_onnx(read_network(*network.files()), ["last"], any_input_size=False)


def test_an_output_that_does_not_exist_is_named() -> None:
    with pytest.raises(ModelError, match="it has no layer boxes"):
        to_onnx(read_network(*weighted_sum()), ["boxes"], any_input_size=False)
