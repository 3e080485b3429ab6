import { apixo as dialect } from "../dialects/apixo.ts";
import { pause, PROMPT, type Peer } from "../peer.ts";

type Body = { data: { taskId: string; state: string } };

export const bare: Peer = {
  name: "a bare fetch loop",
  packages: [],
  entry: `export {};`,
  program: `const base = "https://api.apixo.ai/api/v1";
export async function video(prompt: string): Promise<string> {
  const body = JSON.stringify({ request_type: "async", input: { prompt } });
  const taken = await fetch(base + "/generateTask/kling-2-6", { method: "POST", body });
  const { data } = (await taken.json()) as { data: { taskId: string } };
  for (;;) {
    const answer = await fetch(base + "/statusTask/kling-2-6?taskId=" + data.taskId);
    const { state, resultJson } = ((await answer.json()) as { data: Record<string, string> }).data;
    if (state === "success") return resultJson!;
  }
}`,
  dialect,
  quickStart: {
    calls: "fetch, then fetch every 5 s",
    why: "What a program writes without a library: it looks at the HTTP status, and at the state.",
    client: (_, { baseUrl, fetch: send = fetch, intervalMs = 5_000 }) => {
      const headers = { authorization: "Bearer key", accept: "application/json" };
      const json = async (path: string, init: RequestInit) => {
        const response = await send(baseUrl + path, init);
        if (!response.ok) throw new Error(`HTTP ${response.status}`);
        return (await response.json()) as Body;
      };
      const body = JSON.stringify({ request_type: "async", input: { prompt: PROMPT } });
      const post = { method: "POST", headers: { ...headers, "content-type": "application/json" }, body };
      return async ({ signal, onId }) => {
        const signalled = signal ? { signal } : {};
        const { data } = await json("/generateTask/kling-2-6", { ...post, ...signalled });
        onId(data.taskId);
        for (;;) {
          await pause(intervalMs, signal);
          const { data: task } = await json(`/statusTask/kling-2-6?taskId=${data.taskId}`, { headers, ...signalled });
          if (task.state === "success") return task;
          if (task.state === "failed") throw new Error("failed");
        }
      };
    },
  },
};
