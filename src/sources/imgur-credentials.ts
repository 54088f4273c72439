import { type CredentialName, credentialNames } from '../core/credentials.ts';
import { ListingError } from '../core/errors.ts';

export interface ImgurCredentials {
  clientId: string;
  clientSecret: string | undefined;
  refreshToken: string | undefined;
}

/**
 * From the environment: CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, or the same with IMGUR_ before, which
 * goes first. Undefined without a client id. Throws a ListingError where one could not be sent as it is.
 */
export function imgurCredentials(
  environment: Record<string, string | undefined>,
): ImgurCredentials | undefined {
  const read = (name: CredentialName) => {
    const [found, value] = credentialNames(name)
      .map((key) => [key, environment[key]?.trim()] as const)
      .find(([, text]) => text) ?? [name, undefined];
    if (value !== undefined && !/^[\x21-\x7e]+$/.test(value)) {
      throw new ListingError(`${found} holds characters that no credential has`, {
        code: 'no-credentials',
        hint: `write ${found} again, without quotes and spaces`,
      });
    }
    return value;
  };
  const clientId = read('CLIENT_ID');
  if (clientId === undefined) return undefined;
  return { clientId, clientSecret: read('CLIENT_SECRET'), refreshToken: read('REFRESH_TOKEN') };
}

export function noCredentials(): ListingError {
  return new ListingError("Imgur's API needs a client id, and CLIENT_ID is not set", {
    code: 'no-credentials',
    hint:
      'set CLIENT_ID in the environment or in .env; without one there are direct links ' +
      '(https://i.imgur.com/ID.jpg), lists of them (-i FILE), and demo: to try it out',
  });
}

/** What others say, fit to be shown: one short line of visible characters in which no secret occurs. */
export function presentable(text: string, secrets: Iterable<string>): string {
  let shown = text;
  for (const secret of secrets) {
    // Shorter ones are no secrets, and would tear holes into ordinary words.
    if (secret.length >= 6) shown = shown.replaceAll(secret, '***');
  }
  return shown
    .replace(/[\s\p{Control}\p{Format}]+/gu, ' ')
    .trim()
    .slice(0, 200);
}
