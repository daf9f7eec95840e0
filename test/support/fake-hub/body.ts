import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Fault } from './fault';
import { Throttle } from './throttle';

export interface BodyOptions {
  /** The width that all connections share. */
  readonly line: Throttle;
  readonly fault: Fault | undefined;
  /** The TCP connection below the response; a TLS socket cannot send a reset. */
  readonly connection: Socket | undefined;
  readonly onBytes: (bytes: number) => void;
}

/** Sends the body at the speed of the line, cut or slowed down where a fault says so. */
export async function sendBody(
  body: IncomingMessage,
  response: ServerResponse,
  { line, fault, connection, onBytes }: BodyOptions,
): Promise<void> {
  const slow = new Throttle(fault?.type === 'slow' ? fault.bytesPerSecond : Infinity);
  let left = fault?.type === 'cut' ? fault.afterBytes : Infinity;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    const part = chunk.length > left ? chunk.subarray(0, left) : chunk;
    await Promise.all([line.take(part.length), slow.take(part.length)]);
    if (response.destroyed) return;
    onBytes(part.length);
    if (!response.write(part)) await drained(response);
    left -= part.length;
    if (left <= 0) {
      if (fault?.type === 'cut' && fault.by === 'reset') connection?.resetAndDestroy();
      else response.socket?.end();
      body.destroy();
      return;
    }
  }
  response.end();
}

/** Resolves when the client has taken what was written, or is gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('close', done).off('drain', done);
      resolve();
    };
    response.once('close', done).once('drain', done);
  });
}
