// An agent beside the server in one process, and one beside the program.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, InMemoryTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { createEmulator, type EmulatorOptions } from "@vidtask/emulator";
import { createAIVideoAPI, createAPIModels, createApixo, memoryBudget, memoryJournal, type VideoClient } from "vidtask";
import { onTestFinished } from "vitest";
import { oneFile } from "../../../../.ci/one-file.ts";
import { createVideoServer, type VideoServerOptions } from "../index.ts";

/** What the tests read of an answer; each field is there in the answers in which they read it. */
export type Said = {
  [name: string]: unknown;
  offers: { vendor: string; model: string; priceUsd: number }[];
  impossible: { vendor: string }[];
  vendors: { vendor: string }[];
  budget: { usdReservedToday: number };
  error?: { code: string; remedy: string };
};
export type Answer = { isError: boolean; data: Said; text: string };

/** A folder of its own, gone at the end of the test. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "vidtask-mcp-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

export function askingWith(client: Client) {
  return async (name: string, input: object = {}, options?: Parameters<Client["callTool"]>[1]): Promise<Answer> => {
    const result = await client.callTool({ name, arguments: { ...input } }, options);
    const [first] = result.content as { text?: string }[];
    const { isError = false, structuredContent = {} } = result;
    return { isError: isError === true, data: structuredContent as Said, text: first?.text ?? "" };
  };
}

/** A server over the emulated vendors, whose time is the emulator's, and an agent connected to it. */
export async function agentWith(options: Partial<VideoServerOptions> = {}, emulated: EmulatorOptions = {}) {
  const emulator = createEmulator({ clock: { speed: 200 }, ...emulated });
  const folder = emptyFolder();
  const create = { apixo: createApixo, aivideoapi: createAIVideoAPI, apimodels: createAPIModels };
  const { server, close } = createVideoServer({
    journal: memoryJournal(),
    budget: memoryBudget(),
    folder,
    usdPerCall: 1,
    usdPerDay: 5,
    // Accelerated time would end its patience in a moment of a busy machine.
    ...(emulated.clock === "manual" ? { clock: emulator.clock } : {}),
    clients: (common) =>
      Object.entries(create).map(
        ([vendor, make]) => make({ ...common, ...emulator.for(vendor) }) as unknown as VideoClient,
      ),
    ...options,
  });
  const [mine, theirs] = InMemoryTransport.createLinkedPair();
  const client = new Client({ name: "test", version: "1" });
  await Promise.all([server().connect(theirs), client.connect(mine)]);
  onTestFinished(() => client.close());
  return { emulator, folder, client, ask: askingWith(client), close };
}

export const PROGRAM = await oneFile(join(import.meta.dirname, "../vidtask-mcp.ts"));

/** The program as an agent's host starts it; no key and no setting of the machine reaches it. */
export async function startProgram(words: readonly string[], home: string, more: Record<string, string> = {}) {
  const { PATH = "", NODE_COMPILE_CACHE = "" } = process.env;
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [PROGRAM, ...words],
    env: { PATH, NODE_COMPILE_CACHE, TMPDIR: tmpdir(), HOME: home, NODE_NO_WARNINGS: "1", ...more },
    cwd: home,
    stderr: "pipe",
  });
  let said = "";
  transport.stderr?.on("data", (chunk: Buffer) => (said += String(chunk)));
  const client = new Client({ name: "test", version: "1" });
  await client.connect(transport);
  const pid = transport.pid ?? 0;
  onTestFinished(async () => {
    if (pid) kill(pid); // it would wait for what is under way
    await client.close();
  });
  return { client, ask: askingWith(client), pid, said: () => said };
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}
