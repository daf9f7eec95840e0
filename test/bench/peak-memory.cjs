/** Prints the peak memory of a process in MiB, at its end on stderr. */
process.on('exit', () => {
  process.stderr.write(`\n${process.resourceUsage().maxRSS / 1024}\n`);
});
