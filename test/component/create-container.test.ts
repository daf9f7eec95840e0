import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Azurite, describeWithAzurite } from '../support/azurite';
import { BundledProgram, printed } from '../support/bundled-program';
import { FakeAzure } from '../support/fake-azure';
import { freePort } from '../support/process';

const container = 'dockerregistry';
const there = `create-container: the container ${container} of account forexample is there`;
const made = `create-container: made the container ${container} of account forexample`;

let program: BundledProgram;

beforeAll(async () => {
  program = await BundledProgram.build('create-container');
});

afterAll(async () => {
  await program.remove();
});

describeWithAzurite('create-container with an account key, on real Azurite', [], () => {
  let azurite: Azurite;
  const env = () => ({
    AZURE_STORAGE_ACCOUNT: azurite.account,
    AZURE_STORAGE_CONTAINER: container,
    AZURE_STORAGE_SERVICE_URL: azurite.url,
    AZURE_STORAGE_KEY: azurite.key,
  });

  beforeAll(async () => {
    azurite = await Azurite.start();
  });

  afterAll(async () => {
    await azurite.stop();
  });

  it('makes the container when it is missing, once', async () => {
    expect(await program.run(env())).toEqual({ code: 0, lines: [made] });
    expect(await azurite.listContainers()).toEqual([container]);
    expect(await program.run(env())).toEqual({ code: 0, lines: [there] });
  });

  it('leaves a container alone that holds something', async () => {
    await azurite.createContainer('old');
    await azurite.putBlob('old', 'docker.io/a', 'content');
    const { code } = await program.run({ ...env(), AZURE_STORAGE_CONTAINER: 'old' });
    expect(code).toBe(0);
    expect(await azurite.listBlobs('old')).toEqual(['docker.io/a']);
  });

  it('makes one container when several Pods start at once', async () => {
    const at = { ...env(), AZURE_STORAGE_CONTAINER: 'several' };
    const runs = await Promise.all(Array.from({ length: 4 }, () => program.run(at)));
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(await azurite.listContainers()).toContain('several');
  });

  it('ends at once on a wrong key, and prints no key', async () => {
    const wrong = Buffer.alloc(64, 7).toString('base64');
    const { code, lines } = await program.run({ ...env(), AZURE_STORAGE_KEY: wrong });
    expect(code).toBe(1);
    expect(lines).toEqual([
      `create-container: 127.0.0.1:${azurite.port} answered 403 AuthorizationFailure; ` +
        "check that the key is that of the account forexample, the account's network rules and the node's clock",
    ]);
    expect(lines.join()).not.toContain(wrong);
  });

  it('ends at once when the environment is incomplete', async () => {
    const { code, lines } = await program.run({ ...env(), AZURE_STORAGE_KEY: `${azurite.key}\n` });
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(/^create-container: AZURE_STORAGE_KEY: the value ends with a line break, /),
    ]);
    expect(lines.join()).not.toContain(azurite.key);
  });

  it('waits for a service that is not there yet, and ends when it is told to', async () => {
    const port = await freePort();
    const process = await program.start({
      ...env(),
      AZURE_STORAGE_SERVICE_URL: `http://127.0.0.1:${port}/forexample`,
    });
    await printed(process, /no connection to 127.0.0.1:\d+ \(ECONNREFUSED\); .*; trying again in 1 s/);
    process.signal('SIGTERM');
    expect(await process.exited()).toBe(143);
  });

  it('says that the account has no DNS record', async () => {
    const url = 'https://forexample.blob.core.invalid';
    const process = await program.start({ ...env(), AZURE_STORAGE_SERVICE_URL: url });
    await printed(process, /DNS.* for forexample\.blob\.core\.invalid; .*; trying again in 1 s/);
    await process.stop();
  });
});

describeWithAzurite('create-container with a workload identity, on real Azurite', [], () => {
  let azure: FakeAzure;

  beforeAll(async () => {
    azure = await FakeAzure.start();
  });

  afterAll(async () => {
    await azure.stop();
  });

  const env = () => ({
    ...azure.networkEnv,
    ...azure.identityEnv,
    AZURE_STORAGE_ACCOUNT: azure.azurite.account,
    AZURE_STORAGE_CONTAINER: container,
    AZURE_STORAGE_SERVICE_URL: azure.azurite.url,
  });

  it('makes the container with a token that it gets through the proxy', async () => {
    expect(await program.run(env())).toEqual({ code: 0, lines: [made] });
    expect(await azure.azurite.listContainers()).toEqual([container]);
    expect(azure.proxy.requests).toEqual(['CONNECT login.microsoftonline.com:443']);
    expect(azure.entra.requests).toEqual([`POST /${azure.entra.tenantId}/oauth2/v2.0/token`]);
  });

  it('reaches the account itself through the proxy, under its public name', async () => {
    azure.proxy.requests.length = 0;
    const at = { ...env(), AZURE_STORAGE_SERVICE_URL: 'https://forexample.blob.core.windows.net' };
    expect(await program.run(at)).toEqual({ code: 0, lines: [there] });
    expect(azure.proxy.requests).toEqual([
      'CONNECT login.microsoftonline.com:443',
      'CONNECT forexample.blob.core.windows.net:443',
    ]);
  });

  it('ends at once on a tenant that is none', async () => {
    azure.entra.refusal = 90002;
    const { code, lines } = await program.run(env());
    azure.entra.refusal = undefined;
    expect(code).toBe(1);
    expect(lines).toEqual([
      'create-container: login.microsoftonline.com refused the identity (AADSTS90002): there is no such tenant; check tenantId',
    ]);
  });

  it('waits for a federated credential that has not arrived yet, and prints no token', async () => {
    azure.entra.refusal = 700213;
    const process = await program.start(env());
    await printed(
      process,
      /\(AADSTS700213\): no federated credential has the Pod's subject; .*; trying again in 1 s/,
    );
    azure.entra.refusal = undefined;
    expect(await process.exited()).toBe(0);
    expect(process.log).not.toContain(azure.entra.federatedToken);
  });

  it('ends at once when it does not trust the authority', async () => {
    const { code, lines } = await program.run({ ...env(), NODE_EXTRA_CA_CERTS: '' });
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(
        /^create-container: the certificate of login.microsoftonline.com through the proxy \S+ is not trusted/,
      ),
    ]);
  });
});
