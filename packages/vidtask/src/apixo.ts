export * from "@vidtask/apixo";
