import { after, before, mock } from 'node:test';

/** For the tests of a file: there is no back-off between tries. How long it is, is proved elsewhere. */
export function withoutBackOff(): void {
  before(() => {
    mock.method(Math, 'random', () => 0);
  });
  after(() => mock.restoreAll());
}
