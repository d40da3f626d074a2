"""Reads the headers of H.264 pictures (Recommendation ITU-T H.264, 7.3).

Only progressive streams are understood. A field is not a frame. The numbers of reference frames show whether
one is missing. FFmpeg's decoder does not report that.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from people_pathing.engine.video_files.skipping.nal_units import Bits, DisplayOrder, PictureHeader, units

SLICE, IDR_SLICE, SEQUENCE = 1, 5, 7
"""Values of nal_unit_type."""
WITHOUT_EFFECT = frozenset((6, 9, 12))
"""Supplemental information, delimiters and filler, which affect no other picture."""
PICTURE_PARAMETERS = 8
HIGH_PROFILES = frozenset((100, 110, 122))
SIMPLE_PROFILES = frozenset((66, 77))
"""Baseline and Main, which do not state a chroma format."""
CONFIGURATION_BYTES = 6
"""What is before the sequence parameter sets of an AVCDecoderConfigurationRecord (ISO/IEC 14496-15)."""


@dataclass(frozen=True, slots=True)
class _Sequence:
    """Number of bits in slice headers. The order has none if pictures are shown as they are decoded."""

    frame_number_bits: int
    order_bits: int


class H264Headers:
    """Follows the pictures of one stream in the order in which they are decoded."""

    def __init__(self, extradata: bytes) -> None:
        """Starts before the first picture. `extradata` is that of the codec, in either of its formats."""
        self._sequence: _Sequence | None = None
        self._is_usual = True
        self._order = DisplayOrder()
        self._count = 0
        self._reference: int | None = None  # number of the last reference frame
        self._length_bytes = 0
        if extradata[:1] == b"\1" and len(extradata) > CONFIGURATION_BYTES:
            self._length_bytes = (extradata[4] & 3) + 1
            parameters = islice(units(extradata[CONFIGURATION_BYTES:], 2), extradata[5] & 31)
            for unit in parameters:
                self._read_sequence(unit)
            return
        for unit in units(extradata, 0):
            if unit[0] & 31 == SEQUENCE:
                self._read_sequence(unit)

    def read(self, packet: bytes) -> PictureHeader | None:
        """Reads the header of the next packet. Returns None if it is not exactly one usual picture."""
        slices, is_needed = [], False
        for unit in units(packet, self._length_bytes):
            kind = unit[0] & 31
            if kind in (SLICE, IDR_SLICE):
                slices.append(unit)
            elif kind in (SEQUENCE, PICTURE_PARAMETERS):
                is_needed = True
                if kind == SEQUENCE:
                    self._read_sequence(unit)
            elif kind not in WITHOUT_EFFECT:
                return None
        # The first slice begins with macroblock 0, which is written as a single set bit.
        are_first = [unit[1:2] >= b"\x80" for unit in slices]
        if are_first[:1] != [True] or sum(are_first) > 1 or not self._sequence or not self._is_usual:
            return None
        is_needed |= any(unit[0] & 0x60 for unit in slices)
        order = self._read_order(slices[0], self._sequence)
        return PictureHeader(order, is_needed) if order else None

    def _read_sequence(self, unit: bytes) -> None:
        sequence = _sequence(Bits(unit[1:]))
        self._is_usual &= sequence is not None and self._sequence in (None, sequence)
        self._sequence = sequence

    def _read_order(self, unit: bytes, sequence: _Sequence) -> tuple[int, int] | None:
        """Returns None if a reference frame is missing before this one."""
        is_reference, is_idr = unit[0] & 0x60 > 0, unit[0] & 31 == IDR_SLICE
        bits = Bits(unit[1:])
        bits.read_many(3)  # first_mb_in_slice, slice_type, pic_parameter_set_id
        number = bits.read(sequence.frame_number_bits)
        expected = None if self._reference is None else self._reference + 1
        if is_reference:
            self._reference = number
        if is_idr:
            bits.read_many(1)  # idr_pic_id
            self._order.restart()
        elif expected is not None and number != expected % (1 << sequence.frame_number_bits):
            return None
        if not sequence.order_bits:
            self._count += 1
            return self._count, 0
        last_bits = bits.read(sequence.order_bits)
        return self._order.complete(last_bits, sequence.order_bits, is_kept=is_reference)


def _sequence(bits: Bits) -> _Sequence | None:
    """Reads a sequence parameter set. Returns None if it is not of a usual progressive stream."""
    profile = bits.read(8)
    bits.read(16)  # constraints and level
    bits.read_many(1)  # seq_parameter_set_id
    if profile in HIGH_PROFILES:
        bits.read_many(3)  # chroma_format_idc, bit depths
        bits.read(1)
        if bits.read(1):  # seq_scaling_matrix_present_flag
            return None
    elif profile not in SIMPLE_PROFILES:
        return None
    frame_number_bits, order_type = bits.read_many(2)
    order_bits = bits.read_many(1)[0] + 4 if order_type == 0 else 0
    bits.read_many(1)  # max_num_ref_frames
    has_gaps = bits.read(1)  # gaps_in_frame_num_value_allowed_flag
    bits.read_many(2)  # width and height
    is_progressive = bits.read(1)  # frame_mbs_only_flag
    if order_type == 1 or has_gaps or not is_progressive:
        return None
    return _Sequence(frame_number_bits + 4, order_bits)
