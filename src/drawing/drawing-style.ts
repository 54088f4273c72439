/**
 * Colours by role. The phases differ in lightness as well as in hue, so that they are told apart without
 * colour, too; orange, blue, purple and vermilion follow Okabe and Ito's palette for the colour-blind.
 */
export const light = {
  paper: '#fcfcfb',
  card: '#ffffff',
  ink: '#1a2230',
  muted: '#5b6675',
  grid: '#e3e7ec',
  lane: '#f1f3f6',
  bar: '#b4becb',
  winner: '#0e8a72',
  wait: '#c3ccd7',
  firstByte: '#eda02c',
  body: '#2274b5',
  stage: '#b35c98',
  write: '#1a2230',
  rest: '#dfe4ea',
  failed: '#cf4520',
  window: '#5f50c0',
  inFlight: '#dad6f3',
};
export type Role = keyof typeof light;

export const dark: Record<Role, string> = {
  paper: '#0f141d',
  card: '#151c28',
  ink: '#e9edf3',
  muted: '#9ba8b8',
  grid: '#283243',
  lane: '#1b2432',
  bar: '#526075',
  winner: '#3ccfab',
  wait: '#4c5a6e',
  firstByte: '#f4b04a',
  body: '#4a9fe0',
  stage: '#d48cbc',
  write: '#e9edf3',
  rest: '#2c3849',
  failed: '#f2704a',
  window: '#a99df5',
  inFlight: '#3b3568',
};

export const fonts = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

/** The classes of the drawings; `colour` gives the text that stands for a role. */
export function drawingStyle(colour: (role: Role) => string): string {
  const filled: [string, Role][] = [
    ['paper', 'paper'],
    ['lane', 'lane'],
    ['bar', 'bar'],
    ['winner', 'winner'],
    ['wait', 'wait'],
    ['firstByte', 'firstByte'],
    ['body', 'body'],
    ['stage', 'stage'],
    ['write', 'write'],
    ['rest', 'rest'],
    ['failed', 'failed'],
    ['inFlight', 'inFlight'],
  ];
  return [
    ...filled.map(([name, role]) => `.${name}{fill:${colour(role)}}`),
    `text{font-family:${fonts};font-size:13px;fill:${colour('ink')};font-variant-numeric:tabular-nums}`,
    '.strong{font-weight:600}',
    `.muted{fill:${colour('muted')}}`,
    `.small{font-size:12px}`,
    `text.good{fill:${colour('winner')}}`,
    '.head{font-size:30px;font-weight:650;letter-spacing:-.3px}',
    '.sub{font-size:15px}',
    '.over{font-size:16px;font-weight:600}',
    '.end{text-anchor:end}.middle{text-anchor:middle}',
    `.gridline{stroke:${colour('grid')};stroke-width:1;fill:none}`,
    `.whisker{stroke:${colour('ink')};stroke-width:1.25;fill:none}`,
    `.dot{fill:${colour('card')};stroke:${colour('ink')};stroke-width:1.25}`,
    `.done{stroke:${colour('ink')};stroke-width:1.5;fill:none}`,
    `.window{stroke:${colour('window')};stroke-width:1.75;stroke-linejoin:round;fill:none}`,
    `.change{stroke:${colour('muted')};stroke-width:1;stroke-dasharray:2 3;fill:none}`,
    '.hit{fill:transparent}',
  ].join('\n');
}
