import { lookAt, streamOf } from "../../../../lib/videos";

type Props = { params: Promise<{ id: string }> };

export async function GET(_: Request, { params }: Props) {
  const { id } = await params;
  const seen = await lookAt(id);
  if (seen?.state !== "done") return new Response("no video yet", { status: 404 });
  const { stream, bytes } = await streamOf(seen.task);
  const headers = { "content-type": "video/mp4", ...(bytes === undefined ? {} : { "content-length": String(bytes) }) };
  return new Response(stream, { headers });
}
