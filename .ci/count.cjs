// Prints the counts of the test runner's report and exits with 1 unless tests ran and all passed. The exit code of the
// run is not enough: a file that cannot be imported counts as no failed test, and a run without tests does not fail.
const { readFileSync } = require('node:fs');

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { success, numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests } = report;
const reasons = [
  success !== true && 'the runner reports no success',
  numFailedTests > 0 && `${numFailedTests} tests failed`,
  numFailedTestSuites > 0 && `${numFailedTestSuites} test files or suites failed`,
  !(numPassedTests > 0) && 'no test ran',
].filter(Boolean);

if (reasons.length > 0) console.error(`Failed: ${reasons.join('; ')}.`);
console.log(
  `${numPassedTests} passed, ${numFailedTests} failed${numPendingTests > 0 ? `, ${numPendingTests} skipped` : ''}`,
);
process.exit(reasons.length > 0 ? 1 : 0);
