// What a dashboard counts. No key and no ref: each would be a series of its own.
import type { Meter } from "@opentelemetry/api";
import type { TraceContext } from "@vidtask/core";
import { callOf } from "./call.ts";
import type { Path } from "./paths.ts";

/** In seconds: a submit is under one, a task some minutes. */
const BUCKETS = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 180, 300, 600, 1_200, 1_800];

export function metricsOf(meter: Meter) {
  const started = new WeakMap<object, number>();
  const duration = meter.createHistogram("vidtask.duration", {
    unit: "s",
    description: "How long a submit, a wait, a download or a callback took",
    advice: { explicitBucketBoundaries: BUCKETS },
  });
  const charges = meter.createCounter("vidtask.charges", {
    unit: "{USD}",
    description: "Planned prices of the submits that made a task; refunds are not subtracted",
  });
  const unpriced = meter.createCounter("vidtask.charges.unpriced", {
    unit: "{submit}",
    description: "Submits that made a task of unknown price",
  });
  const unknown = meter.createCounter("vidtask.submits.unknown", {
    unit: "{submit}",
    description: "Submits that ended without knowing whether they are paid for",
  });
  const polls = meter.createCounter("vidtask.polls", {
    unit: "{poll}",
    description: "How often waits asked for a status",
  });

  return {
    start(about: TraceContext): void {
      started.set(about, performance.now());
    },
    end(path: Path, about: TraceContext): void {
      const { vendor, model, state, errorType, billed } = callOf(about);
      const of = { "vidtask.vendor": vendor, ...(model !== undefined && { "vidtask.model": model }) };
      const began = started.get(about);
      if (began === undefined) return; // begun before this listened
      started.delete(about);
      duration.record((performance.now() - began) / 1_000, {
        ...of,
        "vidtask.path": path,
        ...(state !== undefined && { "vidtask.state": state }),
        ...(errorType !== undefined && { "error.type": errorType }),
      });
      if (about.accepted && about.priceUsd !== undefined) charges.add(about.priceUsd, of);
      if (about.accepted && about.priceUsd === undefined) unpriced.add(1, of);
      // Also a 0: the rise from nothing to 1 is not seen by everything that counts rises.
      if (path === "submit") unknown.add(billed === "unknown" ? 1 : 0, of);
      if (about.polls) polls.add(about.polls, of);
    },
  };
}
