import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startStatusServer } from '../../../lib/programs/node-agent/engine/server';
import { containerdDisk, refused, TestAgent } from './support/test-agent';

const runtime = { type: 'containerd' } as const;
let server: Server | undefined;
let isAlive = true;

afterEach(() => {
  server?.close();
  server?.closeAllConnections();
  isAlive = true;
});

async function served(
  agent: TestAgent,
): Promise<(path: string, method?: string) => Promise<[number, string]>> {
  server = await startStatusServer({
    board: agent.board,
    isAlive: () => isAlive,
    address: '127.0.0.1',
    port: 0,
  });
  const { port } = server.address() as AddressInfo;
  return async (path, method = 'GET') => {
    const sent = request({ host: '127.0.0.1', port, path, method, agent: false }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    let body = '';
    for await (const chunk of response) body += String(chunk);
    return [response.statusCode ?? 0, body];
  };
}

describe('/readyz', () => {
  test.each([
    ['apply', 'applied'],
    ['plan', 'planned'],
    ['restore', 'restored'],
  ] as const)('of mode %s waits until the node is %s', async (mode, state) => {
    const agent = new TestAgent({ runtime, mode }, { fs: containerdDisk() });
    const get = await served(agent);
    expect(await get('/readyz')).toEqual([503, 'docker.io: unmanaged\n']);
    if (mode === 'apply') await agent.applied();
    if (mode === 'plan') await agent.agent.plan();
    if (mode === 'restore') await agent.agent.restore();
    expect(agent.mirror.state).toBe(state);
    expect(await get('/readyz')).toEqual([200, 'ok\n']);
  });

  test('is good on a node without the runtime, and bad on one that is refused', async () => {
    const agent = new TestAgent({ runtime });
    const get = await served(agent);
    await agent.steps(1);
    expect((await get('/readyz'))[0]).toBe(200);
    agent.put('/etc/containerd/config.toml', 'version = 2');
    await agent.steps(1);
    expect(await get('/readyz')).toEqual([
      503,
      expect.stringContaining('docker.io: refused config_path is not set'),
    ]);
  });
});

test('/livez is bad when no mirror was asked for too long', async () => {
  const get = await served(new TestAgent({ runtime }));
  expect((await get('/livez'))[0]).toBe(200);
  isAlive = false;
  expect((await get('/livez'))[0]).toBe(503);
});

test('/status tells of our own entries, as JSON', async () => {
  const agent = await new TestAgent({ runtime }, { fs: containerdDisk() }).applied();
  const [status, body] = await (await served(agent))('/status');
  expect(status).toBe(200);
  expect(JSON.parse(body)).toEqual({
    pool: 'nodes',
    mode: 'apply',
    runtime: 'containerd',
    mirrors: [
      {
        host: 'docker.io',
        url: 'http://10.0.0.4:30500',
        state: 'applied',
        since: '2026-01-01T00:00:00.200Z',
        probe: { result: 'ok', at: '2026-01-01T00:00:00.200Z' },
        files: ['/etc/containerd/certs.d/docker.io/hosts.toml'],
        withdrawals: 0,
      },
    ],
  });
});

test('/metrics counts states, probes, withdrawals and the last change', async () => {
  const agent = await new TestAgent({ runtime }, { fs: containerdDisk() }).applied();
  agent.answer = refused;
  await agent.steps(3);
  const [, body] = await (await served(agent))('/metrics');
  expect(body.split('\n').filter((line) => !line.endsWith(' 0'))).toEqual([
    '# HELP docker_cache_node_state Where a mirror stands on this node: 1 for its state, 0 for the others',
    '# TYPE docker_cache_node_state gauge',
    'docker_cache_node_state{registry="docker.io",state="withdrawn"} 1',
    '# HELP docker_cache_node_probes_total Questions of this node to a mirror, by what came of them',
    '# TYPE docker_cache_node_probes_total counter',
    'docker_cache_node_probes_total{registry="docker.io",result="ok"} 3',
    'docker_cache_node_probes_total{registry="docker.io",result="refused"} 3',
    '# HELP docker_cache_node_withdrawals_total How often a mirror was withdrawn from this node',
    '# TYPE docker_cache_node_withdrawals_total counter',
    'docker_cache_node_withdrawals_total{registry="docker.io"} 1',
    '# HELP docker_cache_node_last_change_timestamp_seconds When a file of this node was last changed for a mirror, 0 for never',
    '# TYPE docker_cache_node_last_change_timestamp_seconds gauge',
    'docker_cache_node_last_change_timestamp_seconds{registry="docker.io"} 1767225640.2',
    '',
  ]);
});

test('anything else is not there, and nothing can be changed', async () => {
  const get = await served(new TestAgent({ runtime }));
  expect((await get('/'))[0]).toBe(404);
  expect((await get('/status', 'POST'))[0]).toBe(404);
});
