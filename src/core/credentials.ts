const names = ['CLIENT_ID', 'CLIENT_SECRET', 'REFRESH_TOKEN'] as const;
export type CredentialName = (typeof names)[number];

/** Where the environment may hold a credential, the one that goes first in front: `IMGUR_CLIENT_ID`, `CLIENT_ID`. */
export const credentialNames = (name: CredentialName): string[] => [`IMGUR_${name}`, name];

/** The environment of who needs no credentials. */
export function withoutCredentials(
  environment: Record<string, string | undefined>,
): Record<string, string | undefined> {
  const secret = new Set(names.flatMap(credentialNames));
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !secret.has(name)));
}
