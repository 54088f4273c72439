"""One picture after the other, with nothing but the standard library: LIST DIRECTORY."""

import sys

from download import download, jobs

for url, path in jobs(sys.argv):
    download(url, path)
