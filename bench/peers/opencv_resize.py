"""The recipe of img2dataset: a process for each core downloads and resizes with OpenCV: LIST DIRECTORY SIDE."""

import os
import sys
from multiprocessing import Pool
from urllib.request import urlopen

import cv2
import numpy


def resize(url, path, side):
    with urlopen(url) as response:
        received = numpy.frombuffer(response.read(), numpy.uint8)
    picture = cv2.imdecode(received, cv2.IMREAD_UNCHANGED)
    height, width = picture.shape[:2]
    factor = side / max(height, width)
    size = (round(width * factor), round(height * factor))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    cv2.imwrite(path, small, [cv2.IMWRITE_JPEG_QUALITY, 80])


def start():
    cv2.setNumThreads(1)


if __name__ == "__main__":
    _, urls, directory, side = sys.argv
    with open(urls) as lines:
        jobs = [
            (url, os.path.join(directory, url.rsplit("/", 1)[1]), int(side))
            for url in lines.read().split()
        ]
    with Pool(len(os.sched_getaffinity(0)), start) as pool:
        pool.starmap(resize, jobs)
