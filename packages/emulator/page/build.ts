export const buildPage = async () => ({ js: "", css: "" });
