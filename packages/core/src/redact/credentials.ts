// Credentials that are known by their form alone, whoever holds them.

/** A shorter secret stands in too many words that have nothing to do with it. */
export const SHORTEST = 8;

/** Any JSON Web Token: two parts that begin as JSON in base64 does, and a signature. */
export const JWT = /\beyJ[\w-]{8,1024}\.eyJ[\w-]*\.[\w-]*/g;

/** The text without bearer tokens, the user info of URLs and their queries. */
export const withoutCredentials = (text: string): string =>
  text
    .replace(/(?<![a-z])(Bearer(?:\s|%20|\\u0020)+)[^\s"',}]+/gi, "$1***")
    .replace(/(https?:(?:\\*\/){2})[^\s/"'@\\]+@/gi, "$1***@")
    .replace(QUERY, "$1?***");

// Of a URL whose slashes and ampersands JSON may have escaped.
const QUERY = /(https?:(?:\\*\/){2}(?:[^\s"'?#\\]|\\+\/)+)\?(?:[^\s"'#\\]|\\+(?:\/|u[\da-f]{4}))*/gi;
