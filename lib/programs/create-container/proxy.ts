import { BlockList, isIP } from 'node:net';
import type { Environment } from './config';

function networkHolds(network: string, host: string): boolean {
  const [address = '', prefix = ''] = network.split('/');
  const family = isIP(address);
  if (family === 0 || isIP(host) !== family || !/^\d+$/.test(prefix)) return false;
  if (Number(prefix) > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(address, Number(prefix), family === 4 ? 'ipv4' : 'ipv6');
  return list.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/** Name and port of an entry like `host`, `host:port`, `[address]:port` or a bare address. */
function splitPort(entry: string): { readonly name: string; readonly port?: string } {
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(entry) ?? [];
  return { name: bracketed ?? plain ?? entry, ...(port === undefined ? {} : { port }) };
}

function isExempt(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return networkHolds(entry, host);
  const { name, port: onlyPort = port } = splitPort(entry);
  if (onlyPort !== port) return false;
  if (isIP(host) !== 0) return host === name;
  const domain = name.replace(/^\*\./, '.');
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}

/**
 * The HTTP proxy that an https URL is reached through, by `HTTPS_PROXY` and `NO_PROXY` as the registry reads them;
 * plain http goes directly. Node 20 itself does not look at them.
 * @see https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config
 */
export function proxyFor(url: URL, env: Environment): URL | undefined {
  const proxy = env['HTTPS_PROXY'] ?? env['https_proxy'] ?? '';
  if (url.protocol !== 'https:' || proxy === '') return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (host === 'localhost' || networkHolds('127.0.0.0/8', host) || host === '::1') return undefined;
  const exempt = (env['NO_PROXY'] ?? env['no_proxy'] ?? '')
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '');
  const port = url.port === '' ? '443' : url.port;
  if (exempt.some((entry) => isExempt(entry, host, port))) return undefined;
  return new URL(proxy.includes('://') ? proxy : `http://${proxy}`);
}
