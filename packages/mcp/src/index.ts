export { createVideoServer, type VideoServerOptions } from "./server.ts";
