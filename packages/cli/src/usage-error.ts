// What is wrong with the command line, the configuration or an input file: said in one piece, without a stack.

/** Ends the program with code 2. */
export class UsageError extends Error {
  /** Lines below the message: what to do. */
  readonly hints: readonly string[];

  constructor(message: string, hints: readonly string[] = []) {
    super(message);
    this.name = "UsageError";
    this.hints = hints;
  }
}
