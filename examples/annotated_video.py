"""Draws the people of a video onto its frames. Rewrite a video that players rotate: ffmpeg -i IN OUT."""

import sys

import av
import cv2

from people_pathing import track_video

COLOURS = ((66, 133, 244), (219, 68, 55), (244, 180, 0), (15, 157, 88), (171, 71, 188), (0, 172, 193))


def main(source: str, target: str) -> None:
    result = track_video(source)
    print(result, *result.warnings, sep="\n")
    with av.open(source) as video, av.open(target, "w") as annotated:
        stream = annotated.add_stream("libx264", rate=round(result.metadata.frame_rate))
        stream.width, stream.height = result.metadata.frame_width, result.metadata.frame_height
        for number, frame in enumerate(video.decode(video=0)):
            image = frame.to_ndarray(format="rgb24")
            for person in result.detections_at(number):
                left, top, right, bottom = (round(side) for side in person.box)
                colour, name = COLOURS[person.index % len(COLOURS)], str(person.index)
                cv2.rectangle(image, (left, top), (right, bottom), colour, 2)
                cv2.putText(image, name, (left, top - 4), cv2.FONT_HERSHEY_SIMPLEX, 0.6, colour, 2)
            annotated.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        annotated.mux(stream.encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
