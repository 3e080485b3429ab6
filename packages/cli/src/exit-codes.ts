/** What the program ends with. Of several tasks the one that needs a person most decides: see `worstOf`. */
export const EXIT = {
  /** All that was asked for is done. */
  done: 0,
  /** The task ended without a video. */
  failed: 1,
  /** The command line, the configuration or the request is wrong. Nothing was sent. */
  usage: 2,
  /** Not accepted: the vendor refused or could not be reached, or a price cap or a budget stood against it. Nothing was paid. */
  refused: 3,
  /** It is not known whether the paid request was accepted. */
  unknown: 4,
  /** The task runs on, or has ended and its video is not saved. */
  open: 5,
  /** A fault of this program. */
  fault: 70,
  /** Stopped by Ctrl-C, SIGTERM or SIGHUP. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** For the help, and for `--help --json`. */
export const EXIT_MEANS: Readonly<Record<ExitCode, string>> = {
  0: "done",
  1: "a task failed",
  2: "wrong usage, nothing was sent",
  3: "refused, nothing was paid",
  4: "not known whether it was accepted and paid for",
  5: "still running, or ended but not saved",
  70: "a fault of vidtask",
  130: "interrupted",
};

const ORDER: readonly ExitCode[] = [
  EXIT.interrupted,
  EXIT.fault,
  EXIT.unknown,
  EXIT.open,
  EXIT.failed,
  EXIT.refused,
  EXIT.usage,
];

/** One code for many tasks: the first of 130, 70, 4, 5, 1, 3, 2 that one of them has, else 0. */
export const worstOf = (codes: Iterable<ExitCode>): ExitCode => {
  const found = new Set(codes);
  return ORDER.find((code) => found.has(code)) ?? EXIT.done;
};
