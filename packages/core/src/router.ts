// What the author of a router, or of a helper over clients, uses.
export { MEMBERS, membersOf, type Member } from "./client/members.ts";
export { emitter, type OnEvent } from "./task/events.ts";
