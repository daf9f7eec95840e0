import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { describeWithAzurite } from '../support/azurite';
import { FakeAzure } from '../support/fake-azure';
import { freePort } from '../support/process';
import { Registry } from '../support/registry';

const container = 'dockerregistry';
const content = Buffer.from('a layer');
const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;

/** Uploads a blob as `docker push` does; the status of the last step. */
async function pushBlob(address: string): Promise<number> {
  const start = await fetch(`http://${address}/v2/app/blobs/uploads/`, { method: 'POST' });
  const location = new URL(start.headers.get('location') ?? '', `http://${address}`);
  location.searchParams.set('digest', digest);
  return (await fetch(location, { method: 'PUT', body: content })).status;
}

describeWithAzurite('a real registry with a workload identity, on real Azurite', ['registry'], () => {
  let azure: FakeAzure;
  let registries: Registry[] = [];

  beforeAll(async () => {
    azure = await FakeAzure.start();
    await azure.azurite.createContainer(container);
  });

  afterEach(async () => {
    azure.entra.refusal = undefined;
    for (const registry of registries) await registry.stop();
    registries = [];
  });

  afterAll(async () => {
    await azure.stop();
  });

  async function startRegistry(): Promise<Registry> {
    const storage = {
      azure: {
        accountname: azure.azurite.account,
        container,
        rootdirectory: '/docker.io',
        serviceurl: azure.azurite.url,
        credentials: { type: 'default_credentials' },
      },
      redirect: { disable: true },
    };
    const http = { addr: `127.0.0.1:${await freePort()}` };
    const config = JSON.stringify({ version: 0.1, log: { level: 'error' }, storage, http });
    const registry = await Registry.start({ config, env: { ...azure.networkEnv, ...azure.identityEnv } });
    registries.push(registry);
    return registry;
  }

  it('stores a blob, and serves it after a restart, with tokens that it gets through the proxy', async () => {
    const first = await startRegistry();
    expect(await pushBlob(first.address)).toBe(201);
    await first.stop();
    expect(await azure.azurite.listBlobs(container)).toContain(
      `docker.io/docker/registry/v2/blobs/sha256/${digest.slice(7, 9)}/${digest.slice(7)}/data`,
    );

    const second = await startRegistry();
    const served = await fetch(`http://${second.address}/v2/app/blobs/${digest}`);
    expect(await served.text()).toBe(content.toString());

    expect(new Set(azure.proxy.requests)).toEqual(new Set(['CONNECT login.microsoftonline.com:443']));
    expect(azure.entra.tokenRequests).toBe(2);
  });

  it('stores nothing while Entra ID refuses the identity', async () => {
    azure.entra.refusal = 700213;
    const registry = await startRegistry();
    const start = await fetch(`http://${registry.address}/v2/app/blobs/uploads/`, { method: 'POST' });
    expect(start.status).toBe(500);
  });
});
