// What a client carries under a symbol, for a router, `saveVideo` and others to reach inside.
import type { ClientSettings } from "../context/settings.ts";
import type { Journal } from "../journal/journal.ts";
import type { WaitContext } from "../poll/wait-context.ts";
import type { WaitOptions } from "../poll/wait-options.ts";
import type { VideoRequest } from "../request/request.ts";
import type { StepNotes } from "../submit/submission.ts";
import type { SubmitOptions } from "../submit/submit-options.ts";
import type { Rule } from "../task/check-options.ts";
import { InvalidRequestError } from "../task/errors.ts";
import type { OnEvent } from "../task/events.ts";
import { kindIssue } from "../task/issue.ts";
import { kindRule } from "../task/option-rules.ts";
import { parseRef } from "../task/parse-ref.ts";
import type { SucceededTask, Task, TaskRef } from "../task/task.ts";
import type { Adapter } from "../vendor-spec/spec.ts";
import type { VideoClient } from "./client.ts";

/** One vendor's client as a router sees it. */
export type Member = {
  readonly client: VideoClient;
  /** The vendor's description, as `defineVendor` got it. */
  readonly spec: Adapter;
  /** The journal the client was given; absent when it was given none. */
  readonly journal?: Journal | undefined;
  /** The client's own listener. */
  readonly onEvent?: OnEvent | undefined;
  /** A submit on behalf of another request (a family's), which is the one the key stands for. */
  submitAs(
    request: VideoRequest,
    options: SubmitOptions,
    key: string,
    identity: VideoRequest,
    step?: StepNotes,
  ): Promise<Task>;
  /** The end of a submitted task, as `generate` gives it. */
  endOf(task: Task, options: WaitOptions, about: WaitContext): Promise<SucceededTask>;
  /** Takes a shared journal. @throws InvalidRequestError at `journal` when the client has another one already */
  adopt(journal: Journal): void;
};

/** What core itself needs beyond that. */
export type InnerMember = Member & { readonly settings: ClientSettings };

/**
 * Symbol.for: a client made by another copy of core is reached as well. Its value is a function, which no printing of a
 * client looks into.
 */
export const MEMBERS = Symbol.for("vidtask.client");

/** What a client and a router carry for `step`: a submit that waits for nothing. */
export const STEP = Symbol.for("vidtask.step");

/** A submit of a checked key that waits for nothing, and notes why not. */
export type SubmitStep = (request: VideoRequest, options: SubmitOptions, key: string, step: StepNotes) => Promise<Task>;

type Client = { readonly [MEMBERS]?: () => readonly InnerMember[] } | null | undefined;

const CLIENT_RULE = "a vidtask client: what createApixo() or another factory returned";

/** A client, or a router. */
export const aClient: Rule = kindRule(CLIENT_RULE, (value) => (value as Client)?.[MEMBERS] !== undefined);

/** A list of clients, or routers; one at least. */
export const aClientList: Rule = (value, path, issues) => {
  if (!Array.isArray(value) || value.length === 0)
    issues.push(kindIssue(path, "a list with one client at least", value));
  else for (const [index, one] of value.entries()) aClient(one, `${path}.${index}`, issues);
  return value;
};

/** The members of a router, or a client itself as the only one. @throws InvalidRequestError for anything else */
export function membersOf(client: object): readonly Member[] {
  return innerMembersOf(client);
}

/** The settings of a router's clients, or of a single client. */
export const allSettingsOf = (client: object): ClientSettings[] =>
  innerMembersOf(client).map(({ settings }) => settings);

/** The settings of the client that a vendor's tasks belong to; of a single client, its own. */
export function settingsOf(client: object, vendor?: string): ClientSettings {
  const all = allSettingsOf(client);
  const found = all.find(({ adapter }) => adapter.vendor === vendor) ?? all[0];
  if (!found) throw new TypeError("this client has no vendor");
  return found;
}

/**
 * A task as it was given, or its ref as `formatRef` writes it, with the settings of its vendor's client. What is no ref is
 * left to the check of all that was given with it.
 */
export function addressed(client: object, given: TaskRef): { settings: ClientSettings; task: TaskRef } {
  const anyClient = settingsOf(client);
  try {
    const ref = parseRef(given);
    return { settings: settingsOf(client, ref.vendor), task: typeof given === "object" ? given : ref };
  } catch {
    return { settings: anyClient, task: given };
  }
}

function innerMembersOf(client: object): readonly InnerMember[] {
  const members = (client as Client)?.[MEMBERS]?.();
  if (members) return members;
  throw new InvalidRequestError({ vendor: "", phase: "plan", issues: [kindIssue("client", CLIENT_RULE, client)] });
}
