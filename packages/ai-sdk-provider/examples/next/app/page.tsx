import { connection } from "next/server";

export default async function Page() {
  await connection(); // a new id for each request, not one of the build
  // The id is made with the form: sent twice, by a double click or after a time-out, it is the same video.
  return (
    <form action="/videos" method="post">
      <h1>Make a video</h1>
      <input type="hidden" name="id" value={crypto.randomUUID()} />
      <textarea name="prompt" required rows={4} style={{ width: "100%" }} aria-label="Prompt" />
      <button type="submit">Make</button>
    </form>
  );
}
