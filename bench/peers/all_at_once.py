"""Everything in flight on one event loop, as far as aiohttp's session lets it (100 connections): LIST DIRECTORY."""

import asyncio
import sys

import aiohttp

from download import jobs


async def download(session, url, path):
    async with session.get(url) as response:
        response.raise_for_status()
        with open(path, "wb") as file:
            async for chunk in response.content.iter_chunked(65536):
                file.write(chunk)


async def main():
    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(download(session, url, path) for url, path in jobs(sys.argv)))


asyncio.run(main())
