// What the author of a router, or of a helper over clients, uses.
export { heldTasks, liveRow, type HeldTasks } from "./client/router-functions.ts";
export { aClientList, MEMBERS, membersOf, STEP, type Member, type SubmitStep } from "./client/members.ts";
export { aJournal } from "./journal/journal-options.ts";
export { WAIT_RULES } from "./poll/wait-options.ts";
export { canonicalRequest } from "./request/canonical.ts";
export { SUBMIT_RULES } from "./submit/submit-options.ts";
export { checkOptions, nearest, type Rule, type Rules } from "./task/check-options.ts";
export { emitter, type OnEvent } from "./task/events.ts";
export { issue, requiredIssue } from "./task/issue.ts";
export { required, rule } from "./task/option-rules.ts";
