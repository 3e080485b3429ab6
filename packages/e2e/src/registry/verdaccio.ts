// A registry of one's own: verdaccio on loopback, which knows nothing but what is published into it.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { run, scratchFolder, type Manifest } from "../../../../.ci/pack.ts";

/** 320 packages that only this test needs: installed when it runs, kept outside of the repository. */
const VERSION = "6.10.4";
const CACHE = join(tmpdir(), `vidtask-verdaccio-${VERSION}`);
const TRIES = 2;

type Verdaccio = { runServer(config: object): Promise<Server> };

export type Registry = {
  url: string;
  token: string;
  /** Packs an installed folder and publishes it. */
  publishInstalled(folder: string): Promise<string>;
  /** What a client sees of a package. */
  read(name: string): Promise<{ "dist-tags": { latest: string }; versions: Record<string, Manifest> }>;
};

export async function startRegistry(say: (text: string) => void): Promise<Registry> {
  const { runServer } = await installed(say);
  const folder = scratchFolder("registry");
  const server = await runServer({
    storage: join(folder, "storage"),
    self_path: folder,
    auth: { htpasswd: { file: join(folder, "htpasswd"), max_users: 1 } },
    uplinks: {},
    packages: { "**": { access: "$all", publish: "$authenticated" } },
    max_body_size: "200mb",
    log: { type: "stdout", level: "fatal" },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  const { port } = server.address() as { port: number };
  const url = `http://127.0.0.1:${port}`;
  const send = async (method: string, path: string, body?: object, token?: string) => {
    const headers = { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) };
    const response = await fetch(url + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    if (!response.ok)
      throw new Error(`the registry answered ${method} ${path} with ${response.status}: ${await response.text()}`);
    return (await response.json()) as unknown;
  };
  const user = { name: "publisher", password: "a password for loopback" };
  const { token } = (await send("PUT", "/-/user/org.couchdb.user:publisher", user)) as { token: string };
  return {
    url,
    token,
    async publishInstalled(from) {
      const manifest = JSON.parse(readFileSync(join(from, "package.json"), "utf8")) as Manifest;
      const { name, version } = manifest;
      const file = `${basename(name)}-${version}.tgz`;
      const tarball = join(folder, file);
      // A copy: files that the package manager has linked together would be links in the tarball, which npm refuses.
      const copy = mkdtempSync(join(folder, "copy-"));
      cpSync(from, join(copy, "package"), { recursive: true, filter: (path) => path !== join(from, "node_modules") });
      await run("tar", ["-czf", tarball, "-C", copy, "package"], { cwd: folder });
      const data = readFileSync(tarball);
      const dist = {
        tarball: `${url}/${name}/-/${file}`,
        integrity: `sha512-${createHash("sha512").update(data).digest("base64")}`,
        shasum: createHash("sha1").update(data).digest("hex"),
      };
      const attachment = {
        content_type: "application/octet-stream",
        data: data.toString("base64"),
        length: data.length,
      };
      const document = {
        _id: name,
        name,
        "dist-tags": { latest: version },
        versions: { [version]: { ...manifest, _id: `${name}@${version}`, dist } },
        _attachments: { [file]: attachment },
      };
      await send("PUT", `/${encodeURIComponent(name)}`, document, token);
      return `${name} ${version}`;
    },
    read: async (name) => (await send("GET", `/${encodeURIComponent(name)}`)) as Awaited<ReturnType<Registry["read"]>>,
  };
}

async function installed(say: (text: string) => void): Promise<Verdaccio> {
  const ready = join(CACHE, "ready");
  for (let tries = 1; !existsSync(ready); tries++) {
    say(`installing verdaccio ${VERSION} into ${CACHE}, once (20 s) …`);
    rmSync(CACHE, { recursive: true, force: true });
    mkdirSync(CACHE, { recursive: true });
    // verdaccio-audit asks for a dist-tag of node-fetch that not every mirror has.
    const overrides = { "node-fetch": "^2.6.7" };
    writeFileSync(join(CACHE, "package.json"), JSON.stringify({ private: true, overrides }));
    const args = ["install", "--no-audit", "--no-fund", "--loglevel", "error", `verdaccio@${VERSION}`];
    try {
      await run("npm", args, { cwd: CACHE });
      writeFileSync(ready, "");
    } catch (error) {
      if (tries === TRIES) throw error; // a large tarball sometimes breaks off
    }
  }
  return createRequire(join(CACHE, "package.json"))("verdaccio") as Verdaccio;
}
