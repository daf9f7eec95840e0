import { createServer, type Server } from 'node:http';
import { metricsText } from './metrics';
import { isReady } from './status';
import type { StatusBoard } from './status-board';

export interface StatusServerOptions {
  readonly board: StatusBoard;
  /** Whether the questions still go on. */
  readonly isAlive: () => boolean;
  readonly port: number;
  /** @default every address */
  readonly address?: string;
}

interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Serves /readyz, /livez, /metrics and /status; it changes nothing and shows no secret. */
export function startStatusServer(options: StatusServerOptions): Promise<Server> {
  const server = createServer((request, response) => {
    const isGet = request.method === 'GET' || request.method === 'HEAD';
    const [path = ''] = isGet ? (request.url ?? '').split('?') : [];
    const { status, type, body } = page(options, path);
    response.writeHead(status, { 'content-type': type }).end(body);
  });
  // Kubelet and Prometheus ask seldom: no connection is worth being kept.
  server.keepAliveTimeout = 1_000;
  server.requestTimeout = 5_000;
  server.maxConnections = 32;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(
      { port: options.port, ...(options.address !== undefined && { host: options.address }) },
      () => {
        resolve(server);
      },
    );
  });
}

function page({ board, isAlive }: StatusServerOptions, path: string): Page {
  switch (path) {
    case '/readyz':
      return isReady(board.status) ? text(200, 'ok') : text(503, states(board));
    case '/livez':
      return isAlive() ? text(200, 'ok') : text(503, 'no mirror was asked for too long');
    case '/status':
      return {
        status: 200,
        type: 'application/json',
        body: `${JSON.stringify(board.status, undefined, 2)}\n`,
      };
    case '/metrics':
      return { status: 200, type: 'text/plain; version=0.0.4', body: metricsText(board) };
    default:
      return text(404, 'there are /readyz, /livez, /metrics and /status');
  }
}

function states({ status }: StatusBoard): string {
  return status.mirrors
    .map(({ host, state, reason = '' }) => `${host}: ${state} ${reason}`.trim())
    .join('\n');
}

function text(status: number, body: string): Page {
  return { status, type: 'text/plain', body: `${body}\n` };
}
