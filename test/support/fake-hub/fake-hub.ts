import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { KeyPair } from '../certificates';
import { sendBody } from './body';
import { noCounts, type Counters, type RecordedRequest } from './counters';
import { errorBody, Faults, type Fault, type FaultScope } from './fault';
import { Listener } from './listener';
import { Login, type LoginScheme } from './login';
import { Origin, type PushOptions } from './origin';
import { target, type Target } from './request-kind';
import { Throttle } from './throttle';

export interface FakeHubOptions {
  /** @default 'bearer', as Docker Hub */
  readonly login?: LoginScheme;
  /** Passwords by user. @default {} */
  readonly users?: Readonly<Record<string, string>>;
  /** Speaks https with this certificate. @default http */
  readonly tls?: KeyPair;
  /** The token endpoint's address. @default `/token` of the host that the client named */
  readonly realm?: string;
  /** The width of its line, over all connections. @default Infinity */
  readonly bytesPerSecond?: number;
  /** Whether a blob is a 307 to a signed address, as on Docker Hub. @default true */
  readonly redirectsBlobs?: boolean;
  /** The address that blobs are redirected to, without a path. @default the host that the client named */
  readonly blobUrl?: string;
}

/** Docker Hub on loopback: a real registry with real images behind its login, its limits and its bad days. */
export class FakeHub {
  /** What was asked since the start, or since `forget`. */
  counters: Counters = noCounts();
  /** Every request since the start, or since `forget`. */
  requests: RecordedRequest[] = [];
  /** Manifest GETs that are left, as `ratelimit-remaining` tells; a GET beyond them is answered 429, a HEAD never. */
  quota = { limit: 100, remaining: Infinity };

  private readonly faults = new Faults();
  private readonly listener: Listener;
  private readonly login: Login;
  private line: Throttle;

  private constructor(
    private readonly options: FakeHubOptions,
    server: Server,
    private readonly origin: Origin,
  ) {
    this.listener = new Listener(server);
    this.line = new Throttle(options.bytesPerSecond ?? Infinity);
    this.login = new Login({
      scheme: options.login ?? 'bearer',
      users: options.users ?? {},
      isPublic: (repository) => origin.isPublic(repository),
    });
    server.on('request', (incoming: IncomingMessage, response: ServerResponse) => {
      this.answer(incoming, response).catch(() => response.destroy());
    });
  }

  static async start(options: FakeHubOptions = {}): Promise<FakeHub> {
    const server = options.tls ? createTlsServer(options.tls) : createServer();
    const hub = new FakeHub(options, server, await Origin.start());
    await hub.listen();
    return hub;
  }

  /** Host and port, as an image reference begins. */
  get address(): string {
    return `127.0.0.1:${this.listener.port}`;
  }

  get url(): string {
    return `${this.options.tls ? 'https' : 'http'}://${this.address}`;
  }

  /** Pushes the image of an OCI layout as `library/app:1`; pushed again with another image, the tag has moved. */
  async push(layout: string, name: string, options: PushOptions = {}): Promise<void> {
    await this.origin.push(layout, name, options);
  }

  /** From now on requests fail in this way; without `times` until `behave`. */
  misbehave(scope: FaultScope, fault: Fault, { times = Infinity }: { times?: number } = {}): void {
    this.faults.set(scope, fault, times);
  }

  /** Ends every misbehaviour; those who hang already keep hanging until `dropConnections`. */
  behave(): void {
    this.faults.clear();
  }

  /** Gives new downloads a line of this width. */
  limit(bytesPerSecond: number): void {
    this.line = new Throttle(bytesPerSecond);
  }

  /** Counts from zero. */
  forget(): void {
    this.counters = noCounts();
    this.requests = [];
  }

  /** Closes its port: whoever connects is refused. */
  async refuse(): Promise<void> {
    await this.listener.close();
  }

  /** Opens its port again, the same one. */
  async listen(): Promise<void> {
    await this.listener.open();
  }

  dropConnections(): void {
    this.listener.drop();
  }

  async stop(): Promise<void> {
    await this.refuse();
    await this.origin.stop();
  }

  private async answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', this.url);
    const asked = target(url.pathname);
    const user = this.login.userOf(incoming.headers.authorization);
    const record = { method: incoming.method ?? '', path: url.pathname, ...(user && { user }), status: 0 };
    this.requests.push(record);
    response.on('close', () => (record.status = response.headersSent ? response.statusCode : 0));

    // A blob counts, and fails, where its bytes come from.
    const redirected = asked.kind === 'blob' && !asked.signed && this.options.redirectsBlobs !== false;
    const kind = redirected ? 'other' : asked.kind;
    if (kind === 'ping') this.counters.pings += 1;
    if (kind === 'token') this.counters.tokens += 1;
    const fault = this.faults.next(kind);
    if (fault?.type === 'hang') return;
    if (fault?.type === 'status') return this.fail(fault, response);

    if (kind === 'token') return this.answerToken(incoming, url, response);
    const realm = this.options.realm ?? `${new URL(this.url).protocol}//${incoming.headers.host ?? ''}/token`;
    const challenge = asked.signed
      ? undefined
      : this.login.challenge(realm, incoming.headers.authorization, asked.repository);
    if (challenge) return send(response, 401, challenge.headers, errorBody(401));
    if (redirected) return send(response, 307, { location: this.signedUrl(url) }, '');
    if (kind === 'manifest' && !this.countManifest(incoming, asked, response))
      return send(response, 429, {}, errorBody(429));
    if (kind === 'blob') this.counters[incoming.method === 'HEAD' ? 'blobHeads' : 'blobGets'] += 1;
    return this.passOn(incoming, url, response, fault);
  }

  private signedUrl({ pathname }: URL): string {
    return `${this.options.blobUrl ?? ''}${pathname.replace('/v2/', '/signed/')}?verify=signature`;
  }

  private fail(fault: Fault & { type: 'status' }, response: ServerResponse): void {
    if (fault.retryAfterSeconds !== undefined) response.setHeader('retry-after', fault.retryAfterSeconds);
    send(response, fault.status, {}, errorBody(fault.status));
  }

  private answerToken(incoming: IncomingMessage, url: URL, response: ServerResponse): void {
    if (incoming.method !== 'GET') return send(response, 405, {}, '{}');
    const token = this.login.token(incoming.headers.authorization, url.searchParams.getAll('scope'));
    if (token) return send(response, 200, {}, JSON.stringify(token));
    send(response, 401, {}, JSON.stringify({ details: 'incorrect username or password' }));
  }

  /** Counts the request, writes the quota's headers as Docker Hub does; false when the quota is spent. */
  private countManifest(incoming: IncomingMessage, { reference }: Target, response: ServerResponse): boolean {
    const isHead = incoming.method === 'HEAD';
    if (isHead) this.counters.manifestHeads += 1;
    else if (reference.startsWith('sha256:')) this.counters.manifestGetsByDigest += 1;
    else this.counters.manifestGetsByTag += 1;
    const { limit, remaining } = this.quota;
    if (remaining === Infinity) return true;
    const isSpent = remaining <= 0 && !isHead;
    if (!isHead && !isSpent) this.quota.remaining -= 1;
    response.setHeader('ratelimit-limit', `${limit};w=21600`);
    response.setHeader('ratelimit-remaining', `${this.quota.remaining};w=21600`);
    response.setHeader('docker-ratelimit-source', '127.0.0.1');
    return !isSpent;
  }

  private async passOn(
    incoming: IncomingMessage,
    url: URL,
    response: ServerResponse,
    fault: Fault | undefined,
  ): Promise<void> {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const answer = await this.origin.ask({
      method: incoming.method ?? 'GET',
      path: url.pathname.replace('/signed/', '/v2/'),
      headers: incoming.headers,
      signal: gone.signal,
    });
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    response.flushHeaders();
    await sendBody(answer, response, {
      line: this.line,
      fault,
      connection: this.listener.connectionOf(incoming),
      onBytes: (bytes) => (this.counters.bytes += bytes),
    });
  }
}

function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): void {
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'docker-distribution-api-version': 'registry/2.0',
      ...headers,
    })
    .end(body);
}
