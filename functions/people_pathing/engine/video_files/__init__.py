"""Reads video files as cameras write them: opening, packets, times of frames, length, and orientation."""
