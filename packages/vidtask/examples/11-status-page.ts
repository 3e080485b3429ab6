// A page shows how its video comes along: `GET /video?ref=…`, polled by `nextPollAt`. The client stays on the server.
import { toStatusHandler, formatRef, type TaskRef, type VideoClient } from "@vidtask/apixo";

/** Who owns a task: your table of refs, and your session. */
export type Owners = {
  ownerOf(ref: string): Promise<string | undefined>;
  userOf(request: Request): string | undefined;
};

export const statusRoute = (client: VideoClient, { ownerOf, userOf }: Owners) =>
  toStatusHandler(client, {
    authorize: async (request: Request, ref: TaskRef) => {
      const user = userOf(request);
      return user !== undefined && (await ownerOf(formatRef(ref))) === user;
    },
  });

/** What the page runs. */
export const PAGE = `<!doctype html>
<p id="state">…</p>
<video id="video" controls hidden></video>
<script type="module">
  const ref = new URL(location.href).searchParams.get("ref");
  const [state, video] = ["state", "video"].map((id) => document.getElementById(id));
  for (let wait = 0; ; ) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    const response = await fetch("/video?ref=" + encodeURIComponent(ref)).catch(() => undefined);
    if (!response || response.status === 503) { wait = 5_000; continue; }
    const task = await response.json();
    state.textContent = task.error ?? task.state + (task.progress ? " " + Math.round(100 * task.progress) + " %" : "");
    if (task.videos) Object.assign(video, { src: task.videos[0].url, hidden: false });
    if (!task.nextPollAt) break;
    wait = Math.max(1_000, Date.parse(task.nextPollAt) - Date.now());
  }
</script>`;
