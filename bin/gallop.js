#!/usr/bin/env node
// Plain on purpose: an old Node must get as far as the one line that it can be helped with.
const [major, minor] = process.version.slice(1).split('.').map(Number);
const emitWarning = process.emitWarning;

if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(
    `gallop needs Node 22.19 or newer; this is ${process.version} (${process.execPath}). ` +
      'Get a newer one from https://nodejs.org\n',
  );
  process.exitCode = 2;
} else {
  // Node 22 warns at every start that SQLite is experimental: its users did not choose SQLite and can do nothing.
  process.emitWarning = (warning, ...details) => {
    if (details[0] === 'ExperimentalWarning' && /SQLite/.test(String(warning))) return;
    emitWarning.call(process, warning, ...details);
  };
  import('../dist/cli/main.js').catch((error) => {
    process.stderr.write(`gallop: ${String(error)}\n`);
    process.exitCode = 1;
  });
}
