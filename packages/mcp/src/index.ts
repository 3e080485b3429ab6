export { createVideoServer, type VideoServer, type VideoServerOptions } from "./server.ts";
