/** Appends the CPU seconds and the peak memory of a process to the file that `USAGE_FILE` names, at its end. */
const { appendFileSync } = require('node:fs');

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage = { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMiB: maxRSS / 1024 };
  appendFileSync(process.env['USAGE_FILE'], `${JSON.stringify(usage)}\n`);
});
