"""Converts models in OpenVINO's format (IR: a network in XML, weights in a second file) to ONNX."""
