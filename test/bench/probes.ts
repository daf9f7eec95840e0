/**
 * What the agents of 500 nodes cost a registry: CPU of a real distribution over 2,000 real probes, and what
 * they cost the upstream. `npm run bench:probes`
 */
import './without-jest';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ResolvedMirror } from '../../lib/programs/node-agent/mirror';
import { ImageProbe, questionsPerDigest } from '../../lib/programs/node-agent/probe/image-probe';
import { probeMirror } from '../../lib/programs/node-agent/probe/probe-mirror';
import { credentialHelper } from '../../lib/render/credential-helper';
import { registryConfig } from '../../lib/render/registry-config';
import { FakeHub, randomImage } from '../support/fake-hub';
import { freePort } from '../support/process';
import { Registry } from '../support/registry';

const probes = 2_000;
const nodes = 500;
/** Seconds between two probes of a node, by default. */
const intervalSeconds = 30;
/** A node proves its login at its start, after a failure and this often, in seconds. */
const loginSeconds = 300;

/** CPU seconds of a process so far. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function cost(registry: Registry, questions: number, ask: () => Promise<{ readonly kind: string }>) {
  const before = cpuSeconds(registry.process.pid);
  for (let index = 0; index < questions; index++) {
    const { kind } = await ask();
    if (kind !== 'ok') throw new Error(`probe ${index} brought ${kind}`);
  }
  return ((cpuSeconds(registry.process.pid) - before) / questions) * 1000;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-probes-'));
  const hub = await FakeHub.start();
  const image = await randomImage({ layers: 1, layerBytes: 10_000 });
  const helper = join(folder, 'helper');
  writeFileSync(helper, credentialHelper());
  chmodSync(helper, 0o755);
  const users = join(folder, 'htpasswd');
  writeFileSync(users, execFileSync('htpasswd', ['-niBC', '10', 'node'], { input: 'password' }));
  const start = async (htpasswdFile?: string) => {
    const rootDirectory = join(folder, `storage-${htpasswdFile === undefined ? 'open' : 'users'}`);
    mkdirSync(rootDirectory);
    const config = registryConfig({
      host: 'docker.io',
      address: `127.0.0.1:${await freePort()}`,
      debugAddress: `127.0.0.1:${await freePort()}`,
      storage: { type: 'filesystem', rootDirectory },
      logLevel: 'warn',
      drainSeconds: 25,
      htpasswdFile,
      proxy: { url: hub.url, ttl: '0s', credentialHelper: helper },
    });
    return Registry.start({ config });
  };
  const registries: Registry[] = [];
  try {
    await hub.push(image.layout, 'library/hello-world:latest');
    const open = await start();
    const guarded = await start(users);
    registries.push(open, guarded);
    const mirror = (registry: Registry, more: Partial<ResolvedMirror> = {}): ResolvedMirror => ({
      host: 'docker.io',
      server: 'https://registry-1.docker.io',
      url: `http://${registry.address}`,
      upstreamHeader: 'required',
      probeImage: 'library/hello-world',
      ...more,
    });

    const images = new ImageProbe(Date.now, () => 0);
    await images.probe(mirror(open), true);
    hub.forget();
    const openMs = await cost(open, probes, async () => {
      const answer = await probeMirror(mirror(open), false);
      return answer.kind === 'ok' ? images.probe(mirror(open), true) : answer;
    });
    const upstream = hub.requests.length;

    const authorization = `Basic ${Buffer.from('node:password').toString('base64')}`;
    const login = mirror(guarded, { authorization });
    const anonymousMs = await cost(guarded, probes, () => probeMirror(login, false));
    const loginMs = await cost(guarded, 100, () => probeMirror(login, true));
    const perSecond = nodes / intervalSeconds;
    const logins = nodes / loginSeconds + perSecond / questionsPerDigest;
    const share = (ms: number): string => `${(ms / 10).toFixed(2)} %`;

    console.log(`${probes} probes of an open cache, each ${questionsPerDigest}th with the image by digest`);
    console.log(`  CPU of the registry: ${openMs.toFixed(3)} ms a probe`);
    console.log(
      `  ${nodes} nodes, each every ${intervalSeconds} s: ${share(openMs * perSecond)} of a core (below 1 %)`,
    );
    console.log(`  requests to the upstream: ${upstream}`);
    console.log('a cache with htpasswd, bcrypt cost 10');
    console.log(`  a probe without login ${anonymousMs.toFixed(3)} ms, with login ${loginMs.toFixed(1)} ms`);
    console.log(
      `  ${nodes} nodes: ${share(anonymousMs * perSecond + loginMs * logins)} of a core without a front tier`,
    );
  } finally {
    for (const registry of registries) await registry.stop();
    await hub.stop();
    await image.remove();
    rmSync(folder, { recursive: true });
  }
}

void main();
