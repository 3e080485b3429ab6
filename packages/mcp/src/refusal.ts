/** What a tool says no to before money or files: a code for programs, a sentence, and what to do instead. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly code: string;
  readonly remedy: string;
  readonly more: { readonly [name: string]: unknown };

  constructor(code: string, message: string, remedy: string, more: { readonly [name: string]: unknown } = {}) {
    super(message);
    this.code = code;
    this.remedy = remedy;
    this.more = more;
  }
}

/** What an agent wrote, for a sentence: a name that is a book is cut short, and what is no text is written out. */
export const shown = (text: string): string => JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
