import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import {
  connect,
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
} from 'node:net';
import type { Environment } from '../../../lib/programs/create-container/config';
import { connectionFailure } from '../../../lib/programs/create-container/connection-failure';
import { patience } from '../../../lib/programs/create-container/failure';
import { httpClient } from '../../../lib/programs/create-container/http-client';
import { CertificateAuthority } from '../../support/certificates';
import { freePort } from '../../support/process';

const servers: (Server | TcpServer)[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
  }
});

async function listen(server: Server | TcpServer): Promise<number> {
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/** A proxy that answers CONNECT with a status, or connects to a port. */
function proxyServer(answer: number | { readonly port: number }, asked: string[] = []): Server {
  return createServer().on('connect', (request, socket) => {
    asked.push(`${request.url ?? ''} ${request.headers['proxy-authorization'] ?? 'anonymous'}`);
    if (typeof answer === 'number') {
      socket.end(`HTTP/1.1 ${answer} No\r\n\r\n`);
      return;
    }
    const other = connect(answer.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      other.pipe(socket).pipe(other);
    });
    other.on('error', () => socket.destroy());
    socket.on('error', () => other.destroy());
  });
}

const get = (url: string, env: Environment = {}, timeoutMs?: number) =>
  httpClient(env, timeoutMs)({ method: 'GET', url: new URL(url), headers: { accept: 'text/plain' } });

describe('httpClient', () => {
  it('sends method, headers and body, and reads the answer', async () => {
    const port = await listen(
      createServer((request, response) => {
        let body = '';
        request.on('data', (chunk) => (body += String(chunk)));
        request.on('end', () => {
          const { accept, 'content-length': length } = request.headers;
          response.writeHead(202, { 'x-ms-error-code': 'Some' });
          response.end([request.method, request.url, accept, length, body].join(' '));
        });
      }),
    );
    const url = new URL(`http://127.0.0.1:${port}/a?b=c`);
    const sent = await httpClient({})({ method: 'POST', url, headers: { accept: 'x' }, body: 'ü' });
    expect(sent).toMatchObject({ status: 202, body: 'POST /a?b=c x 2 ü' });
    expect(sent.headers['x-ms-error-code']).toBe('Some');
  });

  it('says the length of an empty body, which Azure demands of a PUT', async () => {
    const lengths: unknown[] = [];
    const server = createServer((request, response) => {
      lengths.push([request.method, request.headers['content-length'], request.headers['transfer-encoding']]);
      response.end();
    });
    const url = new URL(`http://127.0.0.1:${await listen(server)}/`);
    for (const method of ['HEAD', 'PUT'] as const) await httpClient({})({ method, url, headers: {} });
    expect(lengths).toEqual([
      ['HEAD', undefined, undefined],
      ['PUT', '0', undefined],
    ]);
  });

  it.each([
    ['takes the connection and is silent', createTcpServer()],
    ['begins an answer and never ends it', createServer((_, response) => response.writeHead(200).write('x'))],
  ])('gives up on a server that %s', async (_, server) => {
    const port = await listen(server);
    await expect(get(`http://127.0.0.1:${port}`, {}, 50)).rejects.toMatchObject({
      message: `127.0.0.1:${port} did not answer in time; check routes and network policy`,
      patienceMs: patience.outage,
    });
  });

  it('names a port where nothing listens', async () => {
    const port = await freePort();
    await expect(get(`http://127.0.0.1:${port}`)).rejects.toMatchObject({
      message: `no connection to 127.0.0.1:${port} (ECONNREFUSED); check routes and network policy`,
      patienceMs: patience.outage,
    });
  });

  it('names a connection that breaks in the middle of an answer', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('x', () => response.destroy());
    });
    const port = await listen(server);
    await expect(get(`http://127.0.0.1:${port}`)).rejects.toMatchObject({
      message: expect.stringMatching(/^no connection to .* \(ECONNRESET\)/),
    });
  });

  it('reads no answer without end', async () => {
    const port = await listen(createServer((_, response) => response.end(Buffer.alloc(300 * 1024))));
    await expect(get(`http://127.0.0.1:${port}`)).rejects.toThrow('the answer has more than 262144 bytes');
  });

  it('does not trust an unknown authority, and says so at once', async () => {
    const { cert, key } = new CertificateAuthority().issue('127.0.0.1');
    const port = await listen(createTlsServer({ cert, key }));
    await expect(get(`https://127.0.0.1:${port}`)).rejects.toMatchObject({
      message:
        `the certificate of 127.0.0.1:${port} is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE); ` +
        'give the certificate of its authority as ca, or correct the clock',
      patienceMs: patience.none,
    });
  });

  it('reaches the host of the URL through the proxy, with its login, and checks the host itself', async () => {
    const { cert, key } = new CertificateAuthority().issue('login.example.com');
    const asked: string[] = [];
    const port = await listen(createTlsServer({ cert, key }));
    const proxy = await listen(proxyServer({ port }, asked));
    const env = { HTTPS_PROXY: `http://user:p%40ss@127.0.0.1:${proxy}` };
    await expect(get('https://login.example.com/x', env)).rejects.toMatchObject({
      message: expect.stringContaining(
        `the certificate of login.example.com through the proxy http://127.0.0.1:${proxy} is not trusted`,
      ),
    });
    expect(asked).toEqual([`login.example.com:443 Basic ${Buffer.from('user:p@ss').toString('base64')}`]);
  });

  it.each([
    [407, /^the proxy http:\S+ wants a login \(407\); /, patience.none],
    [403, /^the proxy http:\S+ answered 403 for login.example.com; allow that host/, patience.none],
    [502, /^the proxy http:\S+ answered 502 for login.example.com; check that it can reach/, patience.outage],
  ])('names a proxy that answers %d', async (status, message, patienceMs) => {
    const proxy = await listen(proxyServer(status));
    const env = { HTTPS_PROXY: `http://canary:canary@127.0.0.1:${proxy}` };
    const failure: unknown = await get('https://login.example.com', env).catch((error: unknown) => error);
    expect(failure).toMatchObject({ message: expect.stringMatching(message), patienceMs });
    expect(String(failure)).not.toContain('canary');
  });

  it('gives up on a proxy that is silent, and names one that is not there', async () => {
    const silent = await listen(createTcpServer());
    await expect(
      get('https://a.example.com', { HTTPS_PROXY: `http://127.0.0.1:${silent}` }, 50),
    ).rejects.toThrow(`a.example.com did not answer in time through the proxy http://127.0.0.1:${silent}; `);
    const gone = await freePort();
    await expect(get('https://a.example.com', { HTTPS_PROXY: `http://127.0.0.1:${gone}` })).rejects.toThrow(
      `no connection to a.example.com through the proxy http://127.0.0.1:${gone} (ECONNREFUSED); `,
    );
  });
});

describe('connectionFailure', () => {
  const url = new URL('https://forexample.blob.core.windows.net/c');
  const error = (code: string) => Object.assign(new Error('x'), { code });

  it('names the host that has no DNS record: the one of the URL or the proxy', () => {
    expect(connectionFailure(error('ENOTFOUND'), url, undefined)).toMatchObject({
      message:
        'no DNS record for forexample.blob.core.windows.net; ' +
        "check the account's name, the realm or service URL, and the cluster's DNS",
      patienceMs: patience.name,
    });
    expect(connectionFailure(error('ENOTFOUND'), url, new URL('http://proxy.corp:3128')).message).toBe(
      "no DNS record for proxy.corp; check the proxy's name",
    );
  });

  it('is patient with a DNS server that does not answer', () => {
    expect(connectionFailure(error('EAI_AGAIN'), url, undefined)).toMatchObject({
      patienceMs: patience.outage,
    });
  });

  it.each(['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID'])(
    'is not patient with a certificate: %s',
    (code) => {
      expect(connectionFailure(error(code), url, undefined)).toMatchObject({ patienceMs: patience.none });
    },
  );
});
