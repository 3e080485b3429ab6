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
