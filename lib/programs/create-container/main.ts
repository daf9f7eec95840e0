import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureBlobContainer } from './blob-container';
import { ConfigError, readConfig } from './config';
import { Failure } from './failure';
import { httpClient } from './http-client';
import { retry } from './retry';

const say = (line: string) => {
  console.error(`create-container: ${line}`);
};

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const send = httpClient(process.env);
  const context = { send, date: () => new Date(), readFile: (path: string) => readFile(path, 'utf8') };
  const outcome = await retry(() => ensureBlobContainer(config, context), {
    now: () => performance.now(),
    sleep,
    log: say,
  });
  const name = `container ${config.container} of account ${config.account}`;
  say(outcome === 'made' ? `made the ${name}` : `the ${name} is there`);
}

// The first process of a container has no default action for signals.
process.once('SIGTERM', () => process.exit(143));

main().catch((error: unknown) => {
  const known = error instanceof Failure || error instanceof ConfigError;
  say(
    known
      ? error.message
      : `unexpected ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  process.exitCode = 1;
});
