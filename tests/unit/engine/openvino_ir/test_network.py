import numpy as np
import pytest

from people_pathing.engine.errors import ModelError
from people_pathing.engine.openvino_ir.network import read_network
from tests.openvino_like import weighted_sum

XML, WEIGHTS = weighted_sum()


def test_layers_state_their_sources_shapes_and_constants() -> None:
    layers = {layer.name: layer for layer in read_network(XML, WEIGHTS)}
    assert layers["sum"].sources == ("image", "weights")
    assert layers["sum"].shape == (1, 1, 2, 2)
    assert layers["sum"].integers("strides") == [1, 1]
    stored = layers["stored"].constant
    assert stored is not None
    assert stored.dtype == np.float16
    assert stored.ravel().tolist() == [1, 2, 4]


def test_a_document_type_declaration_is_refused_before_it_is_used() -> None:
    """Ten entities of ten entities each, nine times, would be gigabytes."""
    entities = "".join(
        f'<!ENTITY e{level} "{f"&e{level - 1};" * 10 if level else "x"}">' for level in range(10)
    )
    bomb = f'<?xml version="1.0"?><!DOCTYPE net [{entities}]><net version="11">&e9;</net>'
    with pytest.raises(ModelError, match="document type declaration"):
        read_network(bomb.encode(), WEIGHTS)


@pytest.mark.parametrize(
    ("xml", "weights"),
    [
        (b"", WEIGHTS),
        (XML[:-9], WEIGHTS),
        (b"<html/>", WEIGHTS),
        (XML.replace(b'version="11"', b'version="7"'), WEIGHTS),
        (XML.replace(b' name="sum"', b""), WEIGHTS),
        (XML.replace(b'"f16"', b'"bf16"'), WEIGHTS),
        (XML.replace(b"<dim>2</dim>", b"<dim>two</dim>"), WEIGHTS),
        (XML.replace(b'to-layer="3"', b'to-layer="33"'), WEIGHTS),
        (XML, WEIGHTS[:3]),
    ],
)
def test_other_files_are_refused(xml: bytes, weights: bytes) -> None:
    with pytest.raises(ModelError, match="it is no OpenVINO network"):
        read_network(xml, weights)


def test_the_second_output_of_a_layer_cannot_be_used() -> None:
    other = XML.replace(b'from-layer="0" from-port="0"', b'from-layer="0" from-port="1"')
    with pytest.raises(ModelError, match="layer sum receives the second output of image"):
        read_network(other, WEIGHTS)


def test_a_layer_before_its_source_is_refused() -> None:
    turned = XML.replace(b'from-layer="0"', b'from-layer="5"').replace(
        b'from-layer="5" from-port="0"', b'from-layer="5" from-port="2"'
    )
    with pytest.raises(ModelError, match="layer sum comes before a layer that it receives"):
        read_network(turned, WEIGHTS)
