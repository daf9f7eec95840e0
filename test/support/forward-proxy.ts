import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

export interface ForwardProxyOptions {
  /**
   * The port of 127.0.0.1 that stands for a host name, whatever port of the host is asked for.
   * Loopback addresses are passed on as they are; any other host is answered 502, so that nothing leaves the machine.
   */
  readonly hosts?: Readonly<Record<string, number>>;
}

/** An HTTP forward proxy with CONNECT on loopback, like that of a corporate network. */
export class ForwardProxy {
  /** What was asked for, in order: `CONNECT auth.docker.io:443`, `GET http://registry.example/v2/`. */
  readonly requests: string[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly hosts: Readonly<Record<string, number>>,
  ) {
    server.on('request', (incoming, response) => this.forward(incoming, response));
    server.on('connect', (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
      this.tunnel(incoming, socket, head);
    });
    server.on('connection', (socket) => this.remember(socket));
  }

  static async start({ hosts = {} }: ForwardProxyOptions = {}): Promise<ForwardProxy> {
    const server = createServer();
    const proxy = new ForwardProxy(server, hosts);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  /** For HTTP_PROXY and HTTPS_PROXY. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private forward(incoming: IncomingMessage, response: ServerResponse): void {
    this.requests.push(`${incoming.method ?? ''} ${incoming.url ?? ''}`);
    const url = URL.canParse(incoming.url ?? '') ? new URL(incoming.url ?? '') : undefined;
    const port = url && this.portOf(url.hostname, url.port === '' ? 80 : Number(url.port));
    if (url === undefined || port === undefined) {
      response.writeHead(502).end(`no route to ${incoming.url ?? ''}\n`);
      return;
    }
    const { ...headers } = incoming.headers;
    delete headers['proxy-connection'];
    const outgoing = request({
      host: '127.0.0.1',
      port,
      method: incoming.method,
      path: url.pathname + url.search,
      headers: { ...headers, host: url.host },
    });
    outgoing.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('error', () => response.destroy()).pipe(response);
    });
    outgoing.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
    response.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  }

  private tunnel(incoming: IncomingMessage, client: Socket, head: Buffer): void {
    this.requests.push(`CONNECT ${incoming.url ?? ''}`);
    const [, host = '', port = ''] = /^\[?(.+?)\]?:(\d+)$/.exec(incoming.url ?? '') ?? [];
    const to = this.portOf(host, Number(port));
    if (to === undefined) {
      client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      return;
    }
    const server = connect(to, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      server.write(head);
      server.pipe(client).pipe(server);
    });
    this.remember(server);
    server.on('error', () => client.destroy()).on('close', () => client.destroy());
    client.on('error', () => server.destroy()).on('close', () => server.destroy());
  }

  private portOf(host: string, port: number): number | undefined {
    if (Object.hasOwn(this.hosts, host)) return this.hosts[host];
    return host === '127.0.0.1' || host === 'localhost' ? port : undefined;
  }

  private remember(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => this.sockets.delete(socket));
  }
}
