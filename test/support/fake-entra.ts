import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { CertificateAuthority } from './certificates';

/** The hosts that it answers for. */
export const entraHost = 'login.microsoftonline.com';

export interface FakeEntraOptions {
  /** Signs its certificate. */
  readonly authority: CertificateAuthority;
  /** @default a fixed UUID */
  readonly clientId?: string;
  /** @default a fixed UUID */
  readonly tenantId?: string;
}

/**
 * A stand-in for Entra ID on loopback, as far as a workload identity asks it: the discovery of MSAL, and a token
 * for a client assertion. Its tokens are those that Azurite's basic OAuth accepts: whole, and signed by nobody.
 */
export class FakeEntra {
  /** What was asked for, in order: `POST /<tenant>/oauth2/v2.0/token`. */
  readonly requests: string[] = [];
  /** What a Pod's token file must hold; every other assertion is refused. */
  readonly federatedToken = 'header.a-token-of-the-cluster.signature';
  /** Refuses every token request with this error of Entra. @default none */
  refusal: number | undefined;

  private constructor(
    private readonly server: Server,
    readonly clientId: string,
    readonly tenantId: string,
  ) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.answer(request, response).catch(() => response.destroy());
    });
  }

  static async start({
    authority,
    clientId = '11111111-2222-3333-4444-555555555555',
    tenantId = '99999999-8888-7777-6666-555555555555',
  }: FakeEntraOptions): Promise<FakeEntra> {
    const { cert, key } = authority.issue(entraHost);
    const server = createServer({ cert, key });
    const entra = new FakeEntra(server, clientId, tenantId);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return entra;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** How many tokens were asked for. */
  get tokenRequests(): number {
    return this.requests.filter((line) => line.endsWith('/oauth2/v2.0/token')).length;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0] ?? '';
    this.requests.push(`${request.method ?? ''} ${path}`);
    const body = await text(request);
    const [status, content] = this.content(path, new URLSearchParams(body));
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content));
  }

  private content(path: string, form: URLSearchParams): [status: number, content: object] {
    const base = `https://${entraHost}/${this.tenantId}`;
    switch (path) {
      case '/common/discovery/instance':
        return [
          200,
          {
            tenant_discovery_endpoint: `${base}/v2.0/.well-known/openid-configuration`,
            metadata: [
              { preferred_network: entraHost, preferred_cache: 'login.windows.net', aliases: [entraHost] },
            ],
          },
        ];
      case `/${this.tenantId}/v2.0/.well-known/openid-configuration`:
        return [
          200,
          {
            authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
            token_endpoint: `${base}/oauth2/v2.0/token`,
            issuer: `${base}/v2.0`,
          },
        ];
      case `/${this.tenantId}/oauth2/v2.0/token`:
        return this.token(form);
      default:
        return [404, { error: 'not_found' }];
    }
  }

  private token(form: URLSearchParams): [status: number, content: object] {
    const refusal = this.refusal ?? this.reasonToRefuse(form);
    if (refusal !== undefined) {
      const text = `AADSTS${refusal}: refused. Trace ID: 0`;
      return [401, { error: 'invalid_client', error_description: text, error_codes: [refusal] }];
    }
    const lifetime = 3600;
    return [
      200,
      {
        token_type: 'Bearer',
        expires_in: lifetime,
        ext_expires_in: lifetime,
        access_token: this.jwt(lifetime),
      },
    ];
  }

  private reasonToRefuse(form: URLSearchParams): number | undefined {
    const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    if (form.get('grant_type') !== 'client_credentials') return 70003;
    if (form.get('client_id') !== this.clientId) return 700016;
    if (form.get('client_assertion_type') !== jwtBearer) return 7000218;
    if (form.get('client_assertion') !== this.federatedToken) return 700213;
    if (!form.get('scope')?.split(' ').includes('https://storage.azure.com/.default')) return 500011;
    return undefined;
  }

  private jwt(lifetime: number): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      aud: 'https://storage.azure.com',
      iss: `https://sts.windows.net/${this.tenantId}/`,
      iat: now,
      nbf: now - 60,
      exp: now + lifetime,
      appid: this.clientId,
      tid: this.tenantId,
    };
    const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');
    return [part({ typ: 'JWT', alg: 'RS256' }), part(claims), 'c2lnbmF0dXJl'].join('.');
  }
}
