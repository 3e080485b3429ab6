// What `./node` is for a browser, by the export condition `browser`: an error that says so, instead of one about a missing module.
const message =
  "the entry `node` is for servers: it writes files and answers requests. Import it on the server only; in a browser nothing of it can work";

export const saveVideo = refuse();
export const sqliteJournal = refuse();
export const toNodeHandler = refuse();

function refuse(): never {
  throw new Error(message);
}
