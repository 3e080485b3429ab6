export * from "@vidtask/apimodels";
