// Reads the test runner's report: the exit code of the run was looked at before; this looks at what the report says,
// since a file that cannot be imported counts as no failed test, and a run of nothing as no failure at all.
const { readFileSync } = require('node:fs');

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { success, numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests } = report;
const reasons = [
  success !== true && 'the runner says that it did not succeed',
  numFailedTests > 0 && `${numFailedTests} tests failed`,
  numFailedTestSuites > 0 && `${numFailedTestSuites} files or suites failed`,
  !(numPassedTests > 0) && 'no test ran',
].filter(Boolean);

if (reasons.length > 0) console.error(`Not passed: ${reasons.join('; ')}.`);
console.log(
  `${numPassedTests} passed, ${numFailedTests} failed${numPendingTests > 0 ? `, ${numPendingTests} skipped` : ''}`,
);
process.exit(reasons.length > 0 ? 1 : 0);
