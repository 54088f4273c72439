/** What a Node process needs to run and to reach the network; the proxies come with the start message. */
const needed = [
  /^(PATH|HOME|TMPDIR|TMP|TEMP|TZ|LANG|LC_\w+)$/,
  /^NODE_(OPTIONS|EXTRA_CA_CERTS|USE_\w+|TLS_\w+|V8_COVERAGE|COMPILE_CACHE|DEBUG|ICU_DATA|NO_WARNINGS)$/,
  /^(SSL_CERT_FILE|SSL_CERT_DIR|OPENSSL_\w+|UV_\w+|LD_LIBRARY_PATH|DYLD_\w+|RES_OPTIONS|LOCALDOMAIN)$/,
  // Windows, where sockets do not work without the first.
  /^(SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|USERPROFILE|APPDATA|LOCALAPPDATA)$/,
];

/** The part of an environment that a worker process gets: no credential, of ours or of others, is in it. */
export function workerEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  // Windows has names in any case.
  const isNeeded = (name: string) => needed.some((pattern) => pattern.test(name.toUpperCase()));
  return Object.fromEntries(Object.entries(environment).filter(([name]) => isNeeded(name)));
}
