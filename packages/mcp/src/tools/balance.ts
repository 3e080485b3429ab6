import { VidtaskError } from "vidtask";
import { z } from "zod";
import type { Data } from "../answers.ts";
import type { Desk } from "../desk.ts";

export const balanceInput = z.strictObject({});

/** What is left at each vendor, and of today's budget. */
export async function balance({ clients, spending }: Desk): Promise<Data> {
  const vendors = await Promise.all(
    clients.map(async (client): Promise<Data> => {
      const { vendor } = client;
      if (!client.balance) return { vendor, note: "the vendor documents no call that tells it" };
      try {
        return { vendor, ...(await client.balance()) };
      } catch (error) {
        if (!VidtaskError.isInstance(error)) throw error;
        return { vendor, error: { code: error.code, message: error.message } };
      }
    }),
  );
  const usdReservedToday = await spending.today();
  const { usdPerCall, usdPerDay } = spending;
  return { vendors, budget: { usdPerCall, usdPerDay, usdReservedToday } };
}
