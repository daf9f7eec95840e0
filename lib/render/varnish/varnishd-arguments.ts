import { manifestStoreBytes } from './store';

export interface VarnishdOptions {
  /** File of the VCL. */
  readonly vclFile: string;
  /** Folder for the compiled VCL and the shared log; compiled code is loaded from it. */
  readonly workFolder: string;
  /** File that blobs are kept in; it is created, and allocated whole. */
  readonly storeFile: string;
  readonly storeBytes: number;
  /** Who this front is among its peers. */
  readonly identity: string;
  /** Where clients are listened to: in plain text, or as the TLS file says. */
  readonly listen: { readonly address: string } | { readonly tlsFile: string };
}

/** Settings of varnishd, each for a reason: https://www.varnish.org/docs/reference/varnishd/. */
const parameters = {
  // A running body ends before a stop does, from 8.0 on.
  debug: '+vclrel',
  // Blobs are compressed already, and a registry's answers must stay as they are.
  http_gzip_support: 'off',
  // A client on a slow line, or with a busy disk, is not cut off.
  idle_send_timeout: '600',
  send_timeout: '86400',
  // As many as it takes to find room for a blob.
  nuke_limit: '9999',
  // Peer, registry, local registry, registry again, verdict.
  max_retries: '5',
  // The program keeps its notes in headers.
  workspace_backend: '128k',
  vsl_space: '16M',
} as const;

/** The whole command line of varnishd, the program's name apart. */
export function varnishdArguments(options: VarnishdOptions): string[] {
  const { listen } = options;
  const encrypted = 'tlsFile' in listen;
  return [
    '-F',
    ...['-n', options.workFolder],
    ...['-i', options.identity],
    ...['-f', options.vclFile],
    ...(encrypted ? ['-A', listen.tlsFile] : ['-a', `clients=${listen.address},HTTP`]),
    // The control port is only for the one who takes up a renewed certificate.
    ...['-T', encrypted ? '127.0.0.1:0' : 'none'],
    ...['-s', `small=malloc,${manifestStoreBytes}`],
    ...['-s', `blobs=file,${options.storeFile},${options.storeBytes}`],
    // A client that tries TLS first on a port without it is told so only by the end of its connection; one whose
    // node is busy may take a second or more from connecting to asking.
    ...['-p', `timeout_idle=${encrypted ? 10 : 3}`],
    ...Object.entries(parameters).flatMap(([name, value]) => ['-p', `${name}=${value}`]),
  ];
}
