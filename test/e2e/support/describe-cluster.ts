import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { TestCluster } from './cluster';
import type { NodeOptions } from './node-parts';
import { obstacles } from './requirements';

export interface ScenarioOptions extends NodeOptions {
  /** Real parts that are needed besides those of the cluster. @default none */
  readonly parts?: readonly string[];
}

/** An `it` that is not tried when one before it failed: each builds on what the others left. */
export type Scenario = (title: string, prove: () => Promise<void>, timeoutMs?: number) => void;

/**
 * Scenarios on a cluster of their own, one after the other. Where no cluster can be started they fail under CI, and are
 * skipped elsewhere, with one line that says why.
 */
export function describeCluster(
  title: string,
  define: (cluster: () => TestCluster, scenario: Scenario) => void,
  { parts = [], ...options }: ScenarioOptions = {},
): void {
  const reasons = obstacles(parts).join('; ');
  let running: TestCluster | undefined;
  const cluster = () => {
    if (running === undefined) throw new Error('the cluster did not start');
    return running;
  };
  if (reasons !== '' && process.env['CI'] !== 'true') {
    describe.skip(`${title} (no cluster can be started here: ${reasons})`, () => define(cluster, it));
    return;
  }
  describe(title, () => {
    beforeAll(async () => {
      if (reasons !== '') throw new Error(`no cluster can be started here: ${reasons}`);
      running = await TestCluster.start(options);
    });
    afterAll(() => running?.stop());
    define(cluster, scenarios());
  });
}

function scenarios(): Scenario {
  let failed: string | undefined;
  return (title, prove, timeoutMs) => {
    it(
      title,
      async () => {
        if (failed !== undefined) throw new Error(`not tried, because "${failed}" failed`);
        failed = title;
        await prove();
        failed = undefined;
      },
      timeoutMs,
    );
  };
}

/** Says what a scenario proved, with its figures. */
export function proved(text: string): void {
  process.stdout.write(`  proved: ${text}\n`);
}
