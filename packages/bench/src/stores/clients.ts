// How a program reaches Postgres.
import type { Query } from "@vidtask/stores/sql";
import { Pool } from "pg";

export const HOST = "127.0.0.1";

export const postgresPool = (port: number, max: number): Pool =>
  new Pool({ port, host: HOST, user: "postgres", database: "postgres", max });

export const queryOf =
  (pool: Pool): Query =>
  async (text, values) =>
    (await pool.query<Record<string, unknown>>(text, values)).rows;
