"""A process for each core: LIST DIRECTORY."""

import os
import sys
from multiprocessing import Pool

from download import download, jobs

if __name__ == "__main__":
    with Pool(len(os.sched_getaffinity(0))) as pool:
        pool.starmap(download, jobs(sys.argv))
