"""Five threads: LIST DIRECTORY."""

import sys
from concurrent.futures import ThreadPoolExecutor

from download import download, jobs

with ThreadPoolExecutor(max_workers=5) as pool:
    for done in [pool.submit(download, url, path) for url, path in jobs(sys.argv)]:
        done.result()
