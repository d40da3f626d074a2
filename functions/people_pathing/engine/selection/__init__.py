"""The one place that decides which detector, which model file and which cache folder are used.

The library, the command line and the service's worker all call it, so the same settings choose the same
detector everywhere. A choice is made and its model file obtained before anything is loaded or started.
"""

from people_pathing.engine.selection.detectors import AUTOMATIC as AUTOMATIC
from people_pathing.engine.selection.detectors import DEFAULT_DETECTOR as DEFAULT_DETECTOR
from people_pathing.engine.selection.detectors import FALLBACK_DETECTOR as FALLBACK_DETECTOR
from people_pathing.engine.selection.detectors import MAX_INPUT_PX as MAX_INPUT_PX
from people_pathing.engine.selection.detectors import MIN_INPUT_PX as MIN_INPUT_PX
from people_pathing.engine.selection.detectors import DetectorSelection as DetectorSelection
from people_pathing.engine.selection.detectors import load_detector as load_detector
from people_pathing.engine.selection.detectors import select_detector as select_detector
from people_pathing.engine.selection.face_detectors import FaceDetectorSelection as FaceDetectorSelection
from people_pathing.engine.selection.face_detectors import load_face_detector as load_face_detector
from people_pathing.engine.selection.face_detectors import select_face_detector as select_face_detector
from people_pathing.engine.selection.model_files import fetch_model as fetch_model
from people_pathing.engine.selection.model_files import model_cache_dir as model_cache_dir
from people_pathing.engine.selection.reidentifiers import ReidentifierSelection as ReidentifierSelection
from people_pathing.engine.selection.reidentifiers import load_reidentifier as load_reidentifier
from people_pathing.engine.selection.reidentifiers import select_reidentifier as select_reidentifier
