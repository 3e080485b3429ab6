import { make } from "../../lib/videos";

export async function POST(request: Request) {
  const form = await request.formData();
  const [id, prompt] = [form.get("id"), form.get("prompt")];
  if (typeof id !== "string" || !/^[\w-]{1,64}$/.test(id) || typeof prompt !== "string" || prompt === "")
    return new Response("id and prompt, please", { status: 400 });
  await make(id, prompt);
  return new Response(null, { status: 303, headers: { location: `/videos/${id}` } });
}
