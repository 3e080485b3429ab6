import { test } from "vitest";
import { describeBudget } from "../testing/describe-budget.ts";
import { describeSlots } from "../testing/describe-slots.ts";
import { memoryBudget } from "./budget.ts";
import { memorySlots } from "./memory-slots.ts";

const slots = memorySlots();
describeSlots(() => slots, { test });

const budget = memoryBudget();
describeBudget(() => budget, { test });
