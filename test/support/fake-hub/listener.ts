import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** The port of a server: it can be closed, and opened again where it was. */
export class Listener {
  /** The TCP connections by the client's port; below TLS the server shows no other way to them. */
  private readonly connections = new Map<number, Socket>();
  private known = 0;

  constructor(private readonly server: Server) {
    server.on('connection', (socket: Socket) => {
      const client = socket.remotePort ?? 0;
      this.connections.set(client, socket);
      socket.on('close', () => this.connections.delete(client));
    });
  }

  get port(): number {
    return this.known;
  }

  async open(): Promise<void> {
    await once(this.server.listen(this.known, '127.0.0.1'), 'listening');
    this.known = (this.server.address() as AddressInfo).port;
  }

  /** Ends all connections; whoever connects from now on is refused. */
  async close(): Promise<void> {
    if (!this.server.listening) return;
    this.server.close();
    this.drop();
    await once(this.server, 'close');
  }

  drop(): void {
    for (const socket of this.connections.values()) socket.destroy();
  }

  /** The TCP connection that a request came over. */
  connectionOf(request: IncomingMessage): Socket | undefined {
    return this.connections.get(request.socket.remotePort ?? 0);
  }
}
