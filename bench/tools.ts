import { spawnSync } from 'node:child_process';

/** What a case may need beside Gallop. `aiohttp` and `opencv` are a Python that has it. */
export const toolNames = [
  'curl',
  'aria2c',
  'wget2',
  'gallery-dl',
  'nginx',
  'python3',
  'aiohttp',
  'opencv',
  'vipsthumbnail',
] as const;
export type ToolName = (typeof toolNames)[number];

export interface Tool {
  /** What starts it. */
  program: string;
  version: string;
}

/** Null: not installed. */
export type Tools = Readonly<Record<ToolName, Tool | null>>;

/** The Debian packages to be named where one is missing. */
export const debianPackages: Readonly<Record<ToolName, string>> = {
  curl: 'curl',
  aria2c: 'aria2',
  wget2: 'wget2',
  'gallery-dl': 'gallery-dl',
  nginx: 'nginx-light',
  python3: 'python3',
  aiohttp: 'python3-aiohttp',
  opencv: 'python3-opencv',
  vipsthumbnail: 'libvips-tools',
};

export function findTools(): Tools {
  // The one that Debian's packages are for, before one that a user has put in front of it.
  const pythons = ['/usr/bin/python3', 'python3'];
  const aiohttp = firstOf(pythons, '-c', 'import aiohttp; print(aiohttp.__version__)');
  return {
    curl: firstOf(['curl'], '--version'),
    aria2c: firstOf(['aria2c'], '--version'),
    wget2: firstOf(['wget2'], '--version'),
    'gallery-dl': firstOf(['gallery-dl'], '--version'),
    nginx: firstOf(['nginx', '/usr/sbin/nginx'], '-v'),
    python3: firstOf(aiohttp === null ? pythons : [aiohttp.program], '--version'),
    aiohttp,
    opencv: firstOf(pythons, '-c', 'import cv2; print(cv2.__version__)'),
    vipsthumbnail: firstOf(['vipsthumbnail'], '--vips-version'),
  };
}

function firstOf(programs: readonly string[], ...words: string[]): Tool | null {
  for (const program of programs) {
    const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8' });
    const version = /\d+(?:\.\d+)+/.exec(`${stdout}${stderr}`)?.[0];
    if (status === 0 && version !== undefined) return { program, version };
  }
  return null;
}
