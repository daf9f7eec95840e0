import './without-jest';
import { FakeHub, randomImage } from '../support/fake-hub';
import {
  distributionAlone,
  median,
  ours,
  printMachine,
  printTable,
  runHerd,
  staticNginx,
  userHeaders,
  usersFile,
  type Setup,
} from './herd-setups';
import { cpuSeconds, PeakMemory, type Memory } from './herd-usage';

const MiB = 1024 ** 2;
/** Size of each of the four layers; the first argument changes it for a machine that is slow or busy. */
const layerMiB = Number(process.argv[2] ?? 24);
const rounds = 3;
const repository = 'library/app';

interface Contender {
  readonly title: string;
  readonly setup: Setup;
  readonly headers?: Readonly<Record<string, string>>;
  readonly speeds: number[];
  readonly cpu: number[];
  memory: Memory;
  errors: number;
}

/** One herd on a warm image; the contenders take turns, so that a busy moment of the machine meets all of them. */
async function round(contender: Contender, clients: number): Promise<void> {
  const { setup, headers } = contender;
  const peak = new PeakMemory(setup.pids);
  const before = cpuSeconds(setup.pids);
  const herd = await runHerd({ url: setup.url, repository, clients, ...(headers ? { headers } : {}) });
  contender.cpu.push((cpuSeconds(setup.pids) - before) / (herd.bytes / 1024 ** 3));
  const { anonymous, mapped } = peak.stop();
  contender.memory = {
    anonymous: Math.max(contender.memory.anonymous, anonymous),
    mapped: Math.max(contender.memory.mapped, mapped),
  };
  contender.speeds.push(herd.bytes / MiB / herd.seconds);
  contender.errors += herd.errors.length;
}

async function main(): Promise<void> {
  const hub = await FakeHub.start();
  const image = await randomImage({ layers: 4, layerBytes: layerMiB * MiB });
  await hub.push(image.layout, `${repository}:1`);
  const contend = (title: string, setup: Setup, headers?: Contender['headers']): Contender => ({
    title: `${setup.name}${title}`,
    setup,
    ...(headers ? { headers } : {}),
    speeds: [],
    cpu: [],
    memory: { anonymous: 0, mapped: 0 },
    errors: 0,
  });
  const open = [
    contend('', await staticNginx(image, repository)),
    contend('', await ours(hub.url)),
    contend('', await distributionAlone(hub.url)),
  ];
  const locked: Contender[] = [];
  for (const cost of [5, 10])
    for (const start of [ours, distributionAlone])
      locked.push(contend(`, htpasswd cost ${cost}`, await start(hub.url, usersFile(cost)), userHeaders));
  try {
    const rows: string[][] = [];
    printMachine();
    for (const clients of [1, 8, 16, 32])
      rows.push(...(await compare(clients === 16 ? [...open, ...locked] : open, clients)));
    printTable(
      [
        'warm, through',
        'clients',
        `MiB/s, median of ${rounds}`,
        '÷ static nginx',
        'CPU s/GiB',
        'peak MiB, anonymous + mapped',
        'errors',
      ],
      rows,
    );
  } finally {
    for (const { setup } of [...open, ...locked]) await setup.stop();
    await hub.stop();
    await image.remove();
  }
}

/** The contenders, round after round in turns, the first one being what the others are compared with. */
async function compare(contenders: readonly Contender[], clients: number): Promise<string[][]> {
  for (const contender of contenders) await round(contender, 1);
  for (const contender of contenders) {
    contender.speeds.length = contender.cpu.length = 0;
    contender.memory = { anonymous: 0, mapped: 0 };
  }
  for (let n = 0; n < rounds; n += 1) for (const contender of contenders) await round(contender, clients);
  const best = median(contenders[0]?.speeds ?? []);
  return contenders.map(({ title, speeds, cpu, memory, errors }) => {
    const row = [
      title,
      String(clients),
      median(speeds).toFixed(0),
      (median(speeds) / best).toFixed(2),
      median(cpu).toFixed(2),
      `${memory.anonymous.toFixed(0)} + ${memory.mapped.toFixed(0)}`,
      String(errors),
    ];
    console.error(row.join('  '));
    return row;
  });
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
