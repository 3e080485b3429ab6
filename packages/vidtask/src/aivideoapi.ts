export * from "@vidtask/aivideoapi";
