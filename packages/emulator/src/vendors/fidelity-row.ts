/** How faithful a dialect is in one point: what a page says, what none says and why it was chosen so, where pages differ. */
export interface FidelityRow {
  readonly what: string;
  readonly mark: "documented" | "assumed" | "contradicted";
  /** What the emulator does, and why. */
  readonly does: string;
  /** The other reading, and how to switch to it. */
  readonly other?: string;
}
