// A receiver in the servers people have. The vendor calls the configured URL with one segment more, so each route takes one.
import { createApixo, createReceiver } from "@vidtask/apixo";
import { toNodeHandler } from "@vidtask/apixo/node";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";

const callback = { url: process.env["CALLBACK_URL"]!, secret: process.env["CALLBACK_SECRET"]! };
export const apixo = createApixo({ callback });
const receiver = createReceiver({
  clients: [apixo],
  onTask: (task, { idempotencyKey: key }) => console.log(key, task.state),
});

// Next.js: app/callback/[token]/route.ts. With `after` see 02-next.ts.
export const POST = (request: Request) => receiver.fetch(request);

// Hono, Bun.serve, Deno.serve, and whatever else speaks Request and Response. A Worker: 03-worker.ts.
export const hono = new Hono();
hono.all("/callback/:token", (c) => receiver.fetch(c.req.raw));

// Express: before express.json(), which would read the body.
export const app = express();
app.all("/callback/:token", toNodeHandler(receiver));
app.use(express.json());

// Fastify: in a scope of its own, whose parsers leave the body alone.
export const fastify = Fastify();
fastify.register(async (scope) => {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
  scope.all("/callback/:token", (request, reply) => {
    reply.hijack();
    toNodeHandler(receiver)(request.raw, reply.raw);
  });
});
