import { X509Certificate } from 'node:crypto';
import type { AgentConfig, MirrorConfig } from './config';
import { diskRefusal } from './disk/disk-refusal';
import type { FileSystem } from './disk/file-system';
import { mirrorUrl, type ResolvedMirror } from './mirror';
import type { Redactor } from './redact';
import { Refusal } from './refusal';

/** Reads what a mirror's configuration names: it may have changed since the last time. */
export function resolveMirror(
  { hostIp }: AgentConfig,
  mirror: MirrorConfig,
  fs: FileSystem,
  redactor: Redactor,
): ResolvedMirror {
  const { host, server, endpoint, upstreamHeader, caFile, login, probeImage } = mirror;
  return {
    host,
    server,
    url: mirrorUrl(endpoint, hostIp),
    upstreamHeader,
    ...(caFile !== undefined && { ca: certificate(readText(fs, caFile), caFile) }),
    ...(login !== undefined && { authorization: authorization(fs, login, redactor) }),
    ...(probeImage !== undefined && { probeImage }),
  };
}

function certificate(pem: string, path: string): string {
  try {
    new X509Certificate(pem);
    return pem;
  } catch {
    throw new Refusal(`${path} holds no certificate`, ['put a PEM certificate into the Secret']);
  }
}

function authorization(
  fs: FileSystem,
  login: NonNullable<MirrorConfig['login']>,
  redactor: Redactor,
): string {
  const username = oneLine(readText(fs, login.usernameFile), login.usernameFile);
  const password = oneLine(readText(fs, login.passwordFile), login.passwordFile);
  if (username.includes(':'))
    throw new Refusal(`${login.usernameFile} holds a colon, which no user name has`);
  const token = Buffer.from(`${username}:${password}`).toString('base64');
  for (const secret of [password, token]) redactor.add(secret);
  return `Basic ${token}`;
}

/** A line end that an editor left is not part of a value; anything else of that kind is a mistake. */
function oneLine(text: string, path: string): string {
  const line = text.replace(/\r?\n$/, '');
  if (line === '') throw new Refusal(`${path} is empty`, ['put the login into the Secret']);
  if (/[\r\n\0]/.test(line))
    throw new Refusal(`${path} holds more than one line`, ['put the login into the Secret']);
  return line;
}

function readText(fs: FileSystem, path: string): string {
  try {
    return fs.readFile(path).toString();
  } catch (error) {
    throw diskRefusal(error, 'read', path);
  }
}
