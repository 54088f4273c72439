/**
 * Every way in which one item can fail: whether trying again may help, and what its user can do.
 * The codes are a contract; scripts match on them.
 */
export const failures = {
  'bad-url': { retryable: false, hint: 'write it as http://host/path or https://host/path' },
  'bad-row': {
    retryable: false,
    hint: 'what stands in that row of the table is not what its columns are to have: mend it there',
  },
  dns: { retryable: false, hint: 'check the spelling of the host, and that this machine can look names up' },
  connect: { retryable: true, hint: 'the server does not accept connections now: try again later' },
  tls: {
    retryable: false,
    hint: "the server's certificate is not valid for it: check the address and this machine's clock",
  },
  'connection-lost': {
    retryable: true,
    hint: 'the connection broke every time: run the same command again to go on',
  },
  stalled: { retryable: true, hint: 'the server stopped sending: run again, or raise --stall-timeout' },
  timeout: { retryable: true, hint: 'raise --timeout, or ask for fewer at once with -c' },
  throttled: {
    retryable: true,
    hint: 'the server asks for fewer requests: wait, lower -c, or raise --patience',
  },
  'server-error': { retryable: true, hint: "the server's fault: run the same command again later" },
  'http-status': { retryable: false, hint: 'the server refused the request as it is' },
  'not-found': { retryable: false, hint: 'it is gone: nothing to be done' },
  forbidden: { retryable: false, hint: 'it needs a permission: see --header and --cookies' },
  redirect: {
    retryable: false,
    hint: 'the server sends requests in circles or away: open the address in a browser',
  },
  'forbidden-address': {
    retryable: false,
    hint: 'if you mean to reach your own network from there, use --allow-private',
  },
  protocol: { retryable: false, hint: 'the server does not speak proper HTTP' },
  encoding: { retryable: false, hint: 'the server compressed what was not to be compressed' },
  'too-large': { retryable: false, hint: 'raise --max-bytes' },
  empty: { retryable: false, hint: 'the server has the address, but no bytes for it' },
  truncated: {
    retryable: true,
    hint: 'the file ends too early on the server itself, or on the way: try again later',
  },
  'not-an-image': {
    retryable: false,
    hint: 'to keep what is neither a picture nor a video, use --any-type; for SVG, --svg',
  },
  removed: { retryable: false, hint: 'its owner or the host took it away: nothing to be done' },
  mismatch: {
    retryable: true,
    hint: 'the bytes are not the ones that the source promised: list the source again',
  },
  corrupt: { retryable: false, hint: 'the picture is broken on the server' },
  'too-many-pixels': {
    retryable: false,
    hint: 'the picture is too large to decode: it can only be kept as it is, without --check full and without a size or a format',
  },
  'unsafe-path': {
    retryable: false,
    hint: 'a link or a directory stands where the file should be: move it away',
  },
  'worker-lost': { retryable: true, hint: 'its worker died three times: run again with -s async' },
  'too-many-files': {
    retryable: true,
    hint: 'this machine has too few open files or processes to give: raise ulimit -n or -u, or lower -c',
  },
  internal: { retryable: false, hint: 'a fault of ours: please report it with the output of -v' },
} as const satisfies Record<string, { retryable: boolean; hint: string }>;

export type FailureCode = keyof typeof failures;
