// A test never leaves the machine: a connection to anything but loopback or a local socket fails at once.
import { Socket } from "node:net";

const connect = Socket.prototype.connect;
const loopback = /^(localhost|127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;

Socket.prototype.connect = function (this: Socket, ...args: unknown[]): Socket {
  // Node's own callers pass one array of normalized arguments.
  const [first, second] = (Array.isArray(args[0]) ? args[0] : args) as [unknown, unknown];
  const { path, host } = (
    typeof first === "object" && first !== null ? first : { host: typeof second === "string" ? second : undefined }
  ) as { path?: string | null; host?: string };
  if (!path && host && !loopback.test(host)) {
    throw new Error(`A test tried to reach ${host}: tests must stay on this machine`);
  }
  return Reflect.apply(connect, this, args) as Socket;
} as typeof connect;
