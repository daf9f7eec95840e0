import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Azurite } from './azurite';
import { CertificateAuthority } from './certificates';
import { entraHost, FakeEntra } from './fake-entra';
import { ForwardProxy } from './forward-proxy';

/**
 * What a Pod with a workload identity finds around it: real Azurite that accepts tokens, a stand-in for Entra ID
 * behind an HTTP proxy, and an authority that both have their certificates from.
 */
export class FakeAzure {
  private constructor(
    private readonly folder: string,
    readonly authority: CertificateAuthority,
    readonly azurite: Azurite,
    readonly entra: FakeEntra,
    /** Also the way to the account under its public name. */
    readonly proxy: ForwardProxy,
  ) {}

  static async start(account = 'forexample'): Promise<FakeAzure> {
    const authority = new CertificateAuthority();
    const azurite = await Azurite.start({ account, authority });
    const entra = await FakeEntra.start({ authority });
    const hosts = { [entraHost]: entra.port, [`${account}.blob.core.windows.net`]: azurite.port };
    const proxy = await ForwardProxy.start({ hosts });
    const folder = await mkdtemp(join(tmpdir(), 'fake-azure-'));
    const azure = new FakeAzure(folder, authority, azurite, entra, proxy);
    await writeFile(azure.tokenFile, entra.federatedToken);
    await writeFile(azure.caFile, authority.cert);
    return azure;
  }

  /** The file that Kubernetes would project the Pod's token into. */
  get tokenFile(): string {
    return join(this.folder, 'token');
  }

  get caFile(): string {
    return join(this.folder, 'ca.crt');
  }

  /** What the test's network wants in every environment; Go and Node read different variables. */
  get networkEnv(): Readonly<Record<string, string>> {
    return { HTTPS_PROXY: this.proxy.url, SSL_CERT_FILE: this.caFile, NODE_EXTRA_CA_CERTS: this.caFile };
  }

  /** What a Pod's manifest gives a container that acts as the identity. */
  get identityEnv(): Readonly<Record<string, string>> {
    return {
      AZURE_CLIENT_ID: this.entra.clientId,
      AZURE_TENANT_ID: this.entra.tenantId,
      AZURE_FEDERATED_TOKEN_FILE: this.tokenFile,
      AZURE_AUTHORITY_HOST: `https://${entraHost}/`,
    };
  }

  async stop(): Promise<void> {
    await Promise.all([this.azurite.stop(), this.entra.stop(), this.proxy.stop()]);
    await rm(this.folder, { recursive: true });
  }
}
