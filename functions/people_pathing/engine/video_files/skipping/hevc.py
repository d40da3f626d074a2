"""Reads the headers of HEVC pictures (Recommendation ITU-T H.265, 7.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from people_pathing.engine.video_files.skipping.nal_units import (
    HEADER_BYTES,
    UNKNOWN,
    Bits,
    DisplayOrder,
    PictureHeader,
    units,
)

LEADING = range(6, 10)
"""Values of nal_unit_type for pictures that are decoded after a key frame, but shown before it."""
OTHER_THAN_KEY = range(10)
"""Values for all pictures but key frames. The even ones are not needed by pictures of the same layer."""
IDR, CLEAN_RANDOM_ACCESS = (19, 20), 21
SEQUENCE, PICTURE_PARAMETERS = 33, 34
PARAMETERS = range(32, 35)
WITHOUT_EFFECT = frozenset((35, 38, 39, 40, 62))
"""Delimiters, filler, supplemental information and the metadata of Dolby Vision, which affect no picture."""
CONFIGURATION_BYTES = 23
"""What is before the parameter sets of an HEVCDecoderConfigurationRecord (ISO/IEC 14496-15)."""


@dataclass(frozen=True, slots=True)
class _Sequence:
    """What slice headers depend on, and the number of temporal layers."""

    order_bits: int
    layers: int


class HevcHeaders:
    """Follows the pictures of one stream in the order in which they are decoded."""

    def __init__(self, extradata: bytes) -> None:
        """Starts before the first picture. `extradata` is that of the codec, in either of its formats."""
        self._sequence: _Sequence | None = None
        self._extra_bits: int | None = None
        self._is_usual = True
        self._order = DisplayOrder()
        self._length_bytes = 0
        if extradata[:1] == b"\1" and len(extradata) > CONFIGURATION_BYTES:
            self._length_bytes = (extradata[21] & 3) + 1
            parameters = _configured(extradata)
        else:
            parameters = units(extradata, 0)
        for unit in parameters:
            self._read_parameters(unit)

    def read(self, packet: bytes) -> PictureHeader | None:
        """Reads the header of the next packet. Returns None if it is not exactly one usual picture."""
        slices, is_needed = [], False
        for unit in units(packet, self._length_bytes):
            kind = _kind(unit)
            if unit[0] & 1 or unit[1:2] >= b"\x08":  # another layer than the base
                return None
            if kind in OTHER_THAN_KEY or kind in IDR or kind == CLEAN_RANDOM_ACCESS:
                slices.append(unit)
            elif kind in PARAMETERS:
                is_needed = True
                self._read_parameters(unit)
            elif kind not in WITHOUT_EFFECT:
                return None
        are_first = [unit[2:3] >= b"\x80" for unit in slices]
        if are_first[:1] != [True] or sum(are_first) > 1 or len(set(map(_kind, slices))) > 1:
            return None
        if not self._sequence or self._extra_bits is None or not self._is_usual:
            return None
        return self._header(slices[0], self._sequence, self._extra_bits, is_needed=is_needed)

    def _header(
        self, unit: bytes, sequence: _Sequence, extra_bits: int, *, is_needed: bool
    ) -> PictureHeader | None:
        kind, layer = _kind(unit), unit[1] & 7
        bits = Bits(unit[2:])
        bits.read(1)  # first_slice_segment_in_pic_flag
        if kind not in OTHER_THAN_KEY and bits.read(1):  # no_output_of_prior_pics_flag
            return None
        bits.read_many(1)  # slice_pic_parameter_set_id
        bits.read(extra_bits)
        bits.read_many(1)  # slice_type
        if kind in IDR:
            self._order.restart()
        last_bits = 0 if kind in IDR else bits.read(sequence.order_bits)
        is_reference = kind not in OTHER_THAN_KEY or kind % 2 == 1
        is_kept = layer == 1 and is_reference and kind not in LEADING
        order = self._order.complete(last_bits, sequence.order_bits, is_kept=is_kept)
        return PictureHeader(order, is_needed or is_reference or layer < sequence.layers)

    def _read_parameters(self, unit: bytes) -> None:
        bits = Bits(unit[2:])
        if _kind(unit) == SEQUENCE:
            sequence = _sequence(bits)
            self._is_usual &= sequence is not None and self._sequence in (None, sequence)
            self._sequence = sequence
        elif _kind(unit) == PICTURE_PARAMETERS:
            bits.read_many(2)  # pps_pic_parameter_set_id, pps_seq_parameter_set_id
            bits.read(1)
            is_output_stated = bits.read(1)  # output_flag_present_flag
            extra_bits = bits.read(3)
            self._is_usual &= not is_output_stated and self._extra_bits in (None, extra_bits)
            self._extra_bits = extra_bits


def _kind(unit: bytes) -> int:
    return unit[0] >> 1 & 63


def _configured(extradata: bytes) -> Iterator[bytes]:
    """Yields the parameter sets of an HEVCDecoderConfigurationRecord."""
    at = CONFIGURATION_BYTES
    for _ in range(extradata[CONFIGURATION_BYTES - 1]):
        count = int.from_bytes(extradata[at + 1 : at + 3])
        at += 3
        for _ in range(count):
            start = at + 2
            if start >= len(extradata):
                return
            at = start + int.from_bytes(extradata[at:start])
            yield extradata[start : min(at, start + HEADER_BYTES)] or UNKNOWN


def _sequence(bits: Bits) -> _Sequence | None:
    """Reads a sequence parameter set. Returns None if its pictures have separate colour planes."""
    bits.read(4)  # sps_video_parameter_set_id
    more_layers = bits.read(3)
    bits.read(1)
    bits.read(96)  # general profile and level
    stated = [(bits.read(1), bits.read(1)) for _ in range(more_layers)]
    if more_layers:
        bits.read(2 * (8 - more_layers))
    for has_profile, has_level in stated:
        bits.read(88 * has_profile + 8 * has_level)
    _, chroma = bits.read_many(2)
    if chroma == 3 and bits.read(1):  # separate_colour_plane_flag
        return None
    bits.read_many(2)  # width and height
    if bits.read(1):  # conformance_window_flag
        bits.read_many(4)
    _, _, order_bits = bits.read_many(3)
    return _Sequence(order_bits + 4, more_layers + 1)
