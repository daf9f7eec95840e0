import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { KeyPair } from '../../support/certificates';
import { site } from './site';

/** A port of this machine that is open to the node only, and leads to a server on loopback. */
export class Door {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly port: number,
  ) {}

  /** With a certificate the door speaks TLS, and the server behind it clear text. */
  static async open(port: number, behind: string, tls?: KeyPair): Promise<Door> {
    const [host = '', target = ''] = behind.split(':');
    const server = tls ? createTlsServer(tls) : createServer();
    const door = new Door(server, port);
    server.on(tls ? 'secureConnection' : 'connection', (guest: Socket) => {
      const inside = connect(Number(target), host);
      for (const [one, other] of [[guest, inside] as const, [inside, guest] as const]) {
        door.sockets.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => {
          door.sockets.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
    });
    server.on('tlsClientError', () => undefined);
    await door.open();
    return door;
  }

  async open(): Promise<void> {
    if (!this.server.listening) await once(this.server.listen(this.port, site.hostAddress), 'listening');
  }

  /** Whoever knocks from now on is refused, and whoever is inside is thrown out. */
  async close(): Promise<void> {
    if (!this.server.listening) return;
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, 'close');
  }
}
