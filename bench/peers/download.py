"""What the three programs without an event loop have in common."""

import os
import shutil
from urllib.request import urlopen


def jobs(argv):
    """The pairs of a URL and the path of its file, of a list and a directory."""
    _, urls, directory = argv
    with open(urls) as lines:
        return [(url, os.path.join(directory, url.rsplit("/", 1)[1])) for url in lines.read().split()]


def download(url, path):
    with urlopen(url) as response, open(path, "wb") as file:
        shutil.copyfileobj(response, file)
