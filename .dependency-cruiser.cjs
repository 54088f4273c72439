/** Which room may import which: the table of docs/architecture.md, as a rule that a machine checks. */
const rooms = {
  core: [],
  journal: ['core'],
  http: ['core'],
  sinks: ['core'],
  shards: ['core', 'sinks'],
  image: ['core'],
  drawing: ['core'],
  origin: ['core'],
  sources: ['core', 'http', 'origin'],
  plan: ['core', 'journal'],
  download: ['core', 'http', 'image', 'sinks'],
  strategies: ['core', 'download'],
  run: ['core', 'journal', 'http', 'sinks', 'origin', 'sources', 'plan', 'download', 'strategies', 'shards'],
  race: ['core', 'drawing', 'run'],
  report: ['core', 'journal', 'shards', 'image', 'drawing'],
  // The version alone is answered without loading the rest.
  cli: ['index.ts', 'core/version.ts'],
};

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, pathNot: 'src/core/' }, to: {} },
    {
      name: 'no-dev-dependencies',
      severity: 'error',
      from: { path: '^src' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], pathNot: '@types' },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `${room}-imports`,
      comment: `src/${room} may import ${allowed.join(', ') || 'nothing'}`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: '^src/', pathNot: `^src/(${[room, ...allowed].join('|').replaceAll('.', '\\.')})(/|$)` },
    })),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
