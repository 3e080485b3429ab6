// Reads vitest's JSON reports: what did not pass, did not run or did not load is a failure, never nothing.
import { existsSync, globSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** The packages that have a script of this name, as folders. */
export const packagesWith = (root, script) =>
  globSync("packages/*/package.json", { cwd: root })
    .filter((file) => JSON.parse(readFileSync(join(root, file), "utf8")).scripts?.[script])
    .map((file) => join(root, dirname(file)))
    .toSorted();

const reportOf = (folder, mode) => join(folder, ".reports", `${mode}.json`);

export function forgetReports(folders, mode) {
  for (const folder of folders) rmSync(reportOf(folder, mode), { force: true });
}

/** Sums the reports of these packages: `{ passed, failed, problems }`. */
export function readReports(root, folders, mode) {
  const total = { passed: 0, failed: 0, problems: [] };
  const problem = (folder, text) => {
    total.failed++;
    total.problems.push(`${relative(root, folder)}: ${text}`);
  };
  if (folders.length === 0) problem(root, `no package has tests of the kind "${mode}"`);
  for (const folder of folders) {
    const path = reportOf(folder, mode);
    if (!existsSync(path)) {
      problem(folder, `no report of its ${mode} tests: the run broke off`);
      continue;
    }
    const before = total.failed;
    const report = JSON.parse(readFileSync(path, "utf8"));
    for (const file of report.testResults) {
      const name = relative(folder, file.name);
      if (file.assertionResults.length === 0) problem(folder, `${name} did not load, or holds no test`);
      for (const test of file.assertionResults) {
        if (test.status === "passed") total.passed++;
        else problem(folder, `${name} > ${test.fullName.trim()}: ${test.status}`);
      }
    }
    if (report.testResults.length === 0) problem(folder, `zero ${mode} tests`);
    // For instance an error outside any test.
    else if (!report.success && total.failed === before) problem(folder, `the ${mode} run failed outside any test`);
  }
  return total;
}
