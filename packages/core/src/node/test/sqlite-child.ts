// A process of sqlite-processes.test.ts: works on a journal and says so over IPC.
import { entry, refTo } from "../../testing/journal-suite.ts";
import { sqliteJournal } from "../sqlite-journal.ts";

const [path = "", job, name = "", count = "0"] = process.argv.slice(2);
const send = (message: unknown) => process.send?.(message);

async function complete(key: string): Promise<boolean> {
  if (await journal.begin(entry(key, { owner: name }))) return false;
  await journal.update(key, 1, { state: "accepted", ref: refTo(`task-${key}`), attempt: 1 });
  return true;
}

/** Adds one to a number that all processes add to; a lost update would be missing from it. */
async function addOne(key: string): Promise<void> {
  await journal.begin(entry(key, { priceUsd: 0 }));
  for (;;) {
    const { version = 0, priceUsd = 0 } = (await journal.get(key)) ?? {};
    if (await journal.update(key, version, { priceUsd: priceUsd + 1 })) return;
  }
}

const jobs: { [job: string]: (index: number) => Promise<void> } = {
  own: async (index) => {
    if (!(await complete(`${name}-${index}`))) throw new Error(`${name}-${index} was there`);
    if (index % 10 === 0) await addOne("shared");
  },
  same: async (index) => {
    if (await complete(`k${index}`)) send(`k${index}`);
  },
};

const journal = sqliteJournal(path);
await new Promise((start) => {
  process.once("message", start);
  send("ready");
});
try {
  for (let index = 0; index < Number(count); index++) await jobs[job ?? ""]?.(index);
  send("done");
} catch (error) {
  send(String(error));
}
process.disconnect();
