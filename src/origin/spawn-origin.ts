import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { withoutCredentials } from '../core/credentials.ts';
import { errorFromData } from '../core/error-data.ts';
import { InternalError } from '../core/errors.ts';
import type { OriginOptions } from './options.ts';
import type { Origin } from './origin.ts';
import type { OriginMessage } from './origin-process.ts';

const entry = fileURLToPath(
  new URL(`./origin-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

/**
 * The same as `startOrigin`, in a process of its own: it takes no time from this one's event loop. It ends
 * with `close()`, and by itself when this process ends in whatever way; it keeps this one alive by nothing.
 */
export async function spawnOrigin(options: Partial<OriginOptions> = {}): Promise<Origin> {
  const child = fork(entry, {
    serialization: 'advanced',
    env: withoutCredentials(process.env),
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const close = async (): Promise<void> => {
    child.ref();
    child.kill('SIGKILL');
    await ended;
  };
  try {
    const died = once(child, 'exit').then(([code, signal]) => {
      throw new InternalError(`the embedded origin ended at its start (${signal ?? `exit ${code}`})`);
    });
    died.catch(() => {});
    child.send(options);
    const [message] = (await Promise.race([once(child, 'message'), died])) as [OriginMessage];
    if ('error' in message) throw errorFromData(message.error);
    child.unref();
    child.channel?.unref();
    return { ...message, close };
  } catch (error) {
    await close();
    throw error;
  }
}
