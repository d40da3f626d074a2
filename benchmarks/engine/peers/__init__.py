"""Other trackers, on the same detections and the same processor."""
