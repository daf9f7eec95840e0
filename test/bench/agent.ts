/**
 * What the node agent costs a node: memory after 240 real HTTP probes, CPU while it waits, time from its
 * start to a mirror in use. `npm run bench:agent`
 */
import { buildSync } from 'esbuild';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort, TestProcess } from '../support/process';

const probes = 240;
/** The agent asks every second here, to be done in some minutes; the cost of the default is a thirtieth. */
const intervalSeconds = 1;
const idleSeconds = 30;

function status(pid: number, key: string): number {
  const line = new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) / 1024;
}

/** CPU seconds of a process so far. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function ready(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    get({ host: '127.0.0.1', port, path: '/readyz', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).on('error', () => resolve(false));
  });
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-agent-'));
  let asked = 0;
  const cache = createServer((_request, response) => {
    asked += 1;
    response.setHeader('Docker-Cache-Upstream', 'docker.io').end('{}');
  }).listen(0, '127.0.0.1');
  await once(cache, 'listening');
  const { port } = cache.address() as AddressInfo;
  const listen = { address: '127.0.0.1', port: await freePort() };
  const start = (interval: number) => {
    const mirror = { host: 'docker.io', server: 'https://registry-1.docker.io', upstreamHeader: 'required' };
    const config = {
      version: 1,
      mode: 'apply',
      pool: 'nodes',
      runtime: { type: 'containerd' },
      mirrors: [{ ...mirror, endpoint: { type: 'url', url: `http://127.0.0.1:${port}` } }],
      probe: { interval },
      listen,
    };
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
    const args = [
      join(folder, 'agent.cjs'),
      'run',
      '--config',
      join(folder, 'config.json'),
      '--host-root',
      join(folder, 'host'),
    ];
    return TestProcess.start({ command: process.execPath, args, ready: () => ready(listen.port) });
  };
  try {
    buildSync({
      entryPoints: [resolve(__dirname, '../../lib/programs/node-agent/main.ts')],
      bundle: true,
      minify: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      outfile: join(folder, 'agent.cjs'),
      logLevel: 'error',
    });
    for (const name of ['host/etc/containerd', 'host/var/lib'])
      mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(
      join(folder, 'host/etc/containerd/config.toml'),
      'version = 3\n[plugins."io.containerd.cri.v1.images".registry]\nconfig_path = "/etc/containerd/certs.d"\n',
    );
    const began = performance.now();
    const idle = await start(30);
    console.log(
      `start to Applied: ${((performance.now() - began) / 1000).toFixed(2)} s (< 1 s and three probes)`,
    );
    const before = cpuSeconds(idle.pid);
    await delay(idleSeconds * 1000);
    const percent = ((cpuSeconds(idle.pid) - before) / idleSeconds) * 100;
    console.log(
      `CPU at the default interval: ${percent.toFixed(2)} % of a core over ${idleSeconds} s (< 0.2 %)`,
    );
    await idle.stop();

    asked = 0;
    const busy = await start(intervalSeconds);
    const beforeProbes = cpuSeconds(busy.pid);
    const deadline = Date.now() + 2 * probes * intervalSeconds * 1000;
    while (asked < probes && Date.now() < deadline) await delay(200);
    const perProbe = ((cpuSeconds(busy.pid) - beforeProbes) / asked) * 1000;
    const [now, peak] = [status(busy.pid, 'VmRSS'), status(busy.pid, 'VmHWM')];
    console.log(
      `resident after ${asked} probes: ${now.toFixed(1)} MiB, at most ${peak.toFixed(1)} MiB (<= 64 MiB)`,
    );
    console.log(`CPU of a probe and of the look at the files: ${perProbe.toFixed(1)} ms`);
    await busy.stop();
    if (now > 64 || percent >= 0.2 || asked < probes) process.exitCode = 1;
  } finally {
    cache.close();
    cache.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
