// Which files a submit has, and how each reaches the vendor.
import type { ClientSettings } from "../context/settings.ts";
import { schemaOf } from "../request/canonical.ts";
import type { FileWay } from "../request/plan.ts";
import { filesIn } from "../vendor-spec/media-fields.ts";
import type { Submission } from "./submission.ts";

/** How a file reaches the client's vendor. */
export const wayFor =
  ({ options, adapter }: Pick<ClientSettings, "options" | "adapter">) =>
  (file: Blob): FileWay | undefined => {
    if (options.upload) return "upload";
    if (adapter.inline && file.size <= adapter.inline.maxBytes) return "inline";
    return adapter.upload ? "upload" : undefined;
  };

/** The files of a submit, which are no part of its request yet. */
export function filesOf({ context, plan }: Pick<Submission, "context" | "plan">): { path: string; file: Blob }[] {
  const schema = schemaOf(context.adapter.models, plan.request);
  return schema ? filesIn(schema, plan.request) : [];
}
