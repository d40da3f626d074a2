"""What changes from one frame to the next apart from the people: the camera, the scene, or nothing."""
