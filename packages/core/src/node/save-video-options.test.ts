// What fetching a video is given, with what it may not be: refused before the vendor or a host is asked.
import { expect, test } from "vitest";
import { openVideo } from "../client/functions.ts";
import { acmeClient, done, ref } from "../test/acme.ts";
import { thrownBy } from "../test/thrown-by.ts";
import { blamed, issuesOf, rows, WRONG } from "../test/wrong-values.ts";
import { errorOf } from "../testing/vendor-suite.ts";
import { saveVideo } from "./save-video.ts";
import { toNodeHandler } from "./to-node-handler.ts";

const ofOpen = [
  ...rows("index", [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, "0", {}]),
  ...rows("maxBytes", [0, -1, Number.NaN, Number.POSITIVE_INFINITY, "4GB", {}]),
  ...rows("signal", WRONG.signal),
  ...rows("indx", [0]),
];
const ofSave = [...ofOpen, ...rows("onProgress", WRONG.callable)];

test.each(ofOpen)("openVideo with $option: $value is refused", async ({ option, value }) => {
  const { client, seen } = acmeClient([done]);
  expect(blamed(await errorOf(openVideo(client, ref, { [option]: value } as never)))).toEqual([option]);
  expect(seen).toEqual([]);
});

test.each(ofSave)("saveVideo with $option: $value is refused", async ({ option, value }) => {
  const { client, seen } = acmeClient([done]);
  expect(blamed(await errorOf(saveVideo(client, ref, "v.mp4", { [option]: value } as never)))).toEqual([option]);
  expect(seen).toEqual([]);
});

test.each([undefined, null, "", 7, {}, "a\u0000b"])("saveVideo to the path %j is refused", async (path) => {
  const { client, seen } = acmeClient([done]);
  expect(blamed(await errorOf(saveVideo(client, ref, path as string)))).toEqual(["path"]);
  expect(seen).toEqual([]);
});

test.each([undefined, null, 7, {}, "nonsense", { ...ref, vendor: "other" }])("the ref %j is refused", async (wrong) => {
  const { client, seen } = acmeClient([done]);
  expect(blamed(await errorOf(openVideo(client, wrong as never)))).toEqual(["ref"]);
  expect(blamed(await errorOf(saveVideo(client, wrong as never, "v.mp4")))).toEqual(["ref"]);
  expect(seen).toEqual([]);
});

test.each([undefined, null, {}, "acme"])("the client %j is refused", async (client) => {
  expect(blamed(await errorOf(openVideo(client as never, ref)))).toEqual(["client"]);
  expect(blamed(await errorOf(saveVideo(client as never, ref, "v.mp4")))).toEqual(["client"]);
});

test("everything that is wrong is said at once", async () => {
  const { client } = acmeClient([done]);
  const error = await errorOf(saveVideo(client, {} as never, "", { index: -1, maxbytes: 5 } as never));
  expect(blamed(error)).toEqual(["path", "ref", "maxbytes", "index"]);
  expect(issuesOf(error).find(({ path }) => path === "maxbytes")?.message).toContain("did you mean maxBytes?");
});

test.each([undefined, null, {}, 7, () => {}])("a handler of %j is refused", (receiver) => {
  expect(blamed(thrownBy(() => toNodeHandler(receiver as never)))).toEqual(["receiver"]);
});
