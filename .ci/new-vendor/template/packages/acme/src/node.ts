export * from "@vidtask/core/node";
