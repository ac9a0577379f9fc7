// Checks package-lock.json: node tools/audit/main.mts [FILE]. Exits with 1 if a package has no integrity, another source or a license that does not fit.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type LockFile, problemsOf } from "./lock-file.mts";

const file = process.argv[2] ?? join(import.meta.dirname, "..", "..", "package-lock.json");
const problems = problemsOf(JSON.parse(readFileSync(file, "utf8")) as LockFile);
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length > 0) process.exitCode = 1;
