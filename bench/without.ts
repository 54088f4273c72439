import type { Section } from './case.ts';
import { debianPackages } from './tools.ts';

/** What a case is that needs a server which is not there. */
export const withoutNginx: Section = {
  settings: [],
  rows: [],
  notes: [`nginx is not installed (Debian: ${debianPackages.nginx}): the whole case is left out.`],
};
