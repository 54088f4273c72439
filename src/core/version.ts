/** The same as in package.json; a test holds them together, so that nothing has to be read at start. */
export const version = '0.1.0';
