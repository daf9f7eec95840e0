import './without-jest';
import { FakeHub, randomImage, type RandomImage, type RandomImageOptions } from '../support/fake-hub';
import type { HerdJob } from './herd-client';
import {
  distributionAlone,
  median,
  ours,
  printMachine,
  printTable,
  runHerd,
  userHeaders,
  usersFile,
  type Setup,
} from './herd-setups';
import { cpuSeconds, PeakMemory } from './herd-usage';

const MiB = 1024 ** 2;
const lineBytesPerSecond = 100 * MiB;
const usual: RandomImageOptions = { layers: 4, layerBytes: 48 * MiB };

type Start = (upstream: string, htpasswd?: string) => Promise<Setup>;
interface Case {
  readonly title: string;
  readonly start: Start;
  readonly job: Omit<HerdJob, 'url' | 'repository'>;
  readonly image?: RandomImageOptions;
  readonly htpasswdCost?: number;
}

const cases: readonly Case[] = [
  ...[1, 8, 16, 32].flatMap((clients) => [
    { title: 'cold', start: distributionAlone, job: { clients } },
    { title: 'cold', start: ours, job: { clients } },
  ]),
  ...[5, 10].flatMap((htpasswdCost) => [
    {
      title: `htpasswd cost ${htpasswdCost}`,
      start: ours,
      job: { clients: 16, headers: userHeaders },
      htpasswdCost,
    },
  ]),
  { title: 'a client every 100 ms', start: ours, job: { clients: 16, staggerMs: 100 } },
  { title: 'first client aborts', start: ours, job: { clients: 9, firstAbortsAfter: 8 * MiB } },
  { title: 'first client reads 4 MiB/s', start: ours, job: { clients: 9, firstReadsAt: 4 * MiB } },
  {
    title: 'index of two platforms',
    start: ours,
    job: { clients: 16 },
    image: { ...usual, architectures: ['amd64', 'arm64'] },
  },
];

async function measure({ title, start, job, image: imageOptions, htpasswdCost }: Case): Promise<string[]> {
  const hub = await FakeHub.start({ bytesPerSecond: lineBytesPerSecond });
  const image: RandomImage = await randomImage(imageOptions ?? usual);
  const setup = await start(hub.url, htpasswdCost === undefined ? undefined : usersFile(htpasswdCost));
  try {
    await hub.push(image.layout, 'library/app:1');
    hub.forget();
    const peak = new PeakMemory(setup.pids);
    const before = cpuSeconds(setup.pids);
    const herd = await runHerd({ url: setup.url, repository: 'library/app', ...job });
    const { anonymous, mapped } = peak.stop();
    const cpu = cpuSeconds(setup.pids) - before;
    for (const error of new Set(herd.errors)) console.error(error);
    const ideal = image.bytes / lineBytesPerSecond;
    const { counters } = hub;
    return [
      title,
      setup.name,
      String(job.clients),
      `${(counters.bytes / image.bytes).toFixed(2)}×`,
      String(counters.manifestGetsByTag + counters.manifestGetsByDigest),
      String(counters.tokens),
      `${herd.seconds.toFixed(2)} s`,
      (herd.seconds / ideal).toFixed(2),
      median(herd.firstByteMs).toFixed(0),
      (cpu / (herd.bytes / 1024 ** 3)).toFixed(2),
      `${anonymous.toFixed(0)} + ${mapped.toFixed(0)}`,
      String(herd.errors.length),
    ];
  } finally {
    await setup.stop();
    await hub.stop();
    await image.remove();
  }
}

/** Runs all cases, or those whose name (`cold ours 32`) holds the first argument. */
async function main(): Promise<void> {
  const wanted = process.argv[2] ?? '';
  const rows: string[][] = [];
  printMachine();
  for (const each of cases.filter(({ title, start, job }) =>
    `${title} ${start.name} ${job.clients}`.includes(wanted),
  )) {
    const row = await measure(each);
    console.error(row.join('  '));
    rows.push(row);
  }
  printTable(
    [
      'herd',
      'through',
      'clients',
      'upstream bytes ÷ image',
      'manifest GETs',
      'tokens',
      'last client',
      '÷ ideal',
      'first byte, median ms',
      'CPU s/GiB',
      'peak MiB, anonymous + mapped',
      'errors',
    ],
    rows,
  );
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
