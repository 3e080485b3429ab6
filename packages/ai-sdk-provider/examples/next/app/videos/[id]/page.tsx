import { notFound } from "next/navigation";
import { lookAt } from "../../../lib/videos";
import { Refresh } from "./refresh";

type Props = { params: Promise<{ id: string }> };

export default async function Page({ params }: Props) {
  const { id } = await params;
  const seen = await lookAt(id);
  if (!seen) notFound();
  if (seen.state === "failed") return <p role="alert">{seen.why}</p>;
  if (seen.state === "done") return <video src={`/videos/${id}/file`} controls autoPlay style={{ width: "100%" }} />;
  const { task, startedAt } = seen;
  const seconds = Math.round((Date.now() - Date.parse(startedAt)) / 1000);
  const progress = task && "progress" in task ? task.progress : undefined;
  return (
    <>
      <p role="status">
        {task?.state ?? "started"}, {seconds} s
      </p>
      <progress value={progress} />
      <Refresh />
    </>
  );
}
