import { createHash } from 'node:crypto';
import { Agent, request, type IncomingHttpHeaders } from 'node:http';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';

const acceptManifests = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
  /** Ends the connection when so many bytes have come. */
  readonly abortAfterBytes?: number;
  /** How fast the body is read. @default as it comes */
  readonly bytesPerSecond?: number;
  readonly keepBody?: boolean;
  readonly timeoutMs?: number;
}

/** An answer, whole or cut. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: number;
  /** `sha256:…` of the body. */
  readonly digest: string;
  readonly body: Buffer;
  /** Whether the body is as long as was announced. */
  readonly whole: boolean;
  readonly firstByteMs: number;
  readonly ms: number;
}

/**
 * Asks once. A cut body is an answer that is not whole; no answer at all is an error. A connection that was kept
 * from an earlier question may be closed by the server in this moment: then it asks again, as Go's clients do.
 */
export async function ask(url: string, options: AskOptions = {}): Promise<Answer> {
  for (;;) {
    const answer = await askOnce(url, options);
    if (answer !== 'closed before') return answer;
  }
}

async function askOnce(url: string, options: AskOptions): Promise<Answer | 'closed before'> {
  const started = performance.now();
  const outgoing = request(url, {
    method: options.method ?? 'GET',
    headers: { accept: acceptManifests, ...options.headers },
    ...(options.agent === undefined ? { agent: false } : { agent: options.agent }),
  });
  outgoing.setTimeout(options.timeoutMs ?? 60_000, () =>
    outgoing.destroy(new Error(`${url}: no answer in time`)),
  );
  outgoing.end();
  let incoming: IncomingMessage;
  try {
    [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  } catch (error) {
    if (outgoing.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET')
      return 'closed before';
    throw error;
  }
  const firstByteMs = performance.now() - started;
  const hash = createHash('sha256');
  const parts: Buffer[] = [];
  let bytes = 0;
  let whole = true;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      hash.update(chunk);
      if (options.keepBody === true) parts.push(chunk);
      if (options.abortAfterBytes !== undefined && bytes >= options.abortAfterBytes) {
        outgoing.destroy();
        break;
      }
      if (options.bytesPerSecond !== undefined) {
        const due = (bytes / options.bytesPerSecond) * 1000 - (performance.now() - started);
        if (due > 0) await new Promise((resolve) => setTimeout(resolve, due));
      }
    }
  } catch {
    whole = false;
  }
  const announced = incoming.headers['content-length'];
  if (options.method !== 'HEAD' && announced !== undefined && Number(announced) !== bytes) whole = false;
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    bytes,
    digest: `sha256:${hash.digest('hex')}`,
    body: Buffer.concat(parts),
    whole,
    firstByteMs,
    ms: performance.now() - started,
  };
}

export interface PullOptions extends Pick<AskOptions, 'headers' | 'timeoutMs'> {
  /** Layers that are downloaded at once, as containerd does. @default 3 */
  readonly parallel?: number;
  /** The platform that is chosen from an index. @default 'amd64' */
  readonly architecture?: string;
  readonly agent?: Agent;
  /** Ends the pull when its first layer has brought so many bytes. */
  readonly abortAfterBytes?: number;
  readonly bytesPerSecond?: number;
}

export interface PulledImage {
  /** Digest of what the tag or digest named. */
  readonly digest: string;
  readonly bytes: number;
  readonly firstByteMs: number;
  readonly ms: number;
}

interface Manifest {
  readonly manifests?: readonly {
    readonly digest: string;
    readonly platform?: { readonly architecture: string };
  }[];
  readonly config?: { readonly digest: string };
  readonly layers?: readonly { readonly digest: string }[];
}

/** Pulls an image as a node does and checks every digest; throws on anything wrong, cut or refused. */
export async function pullImage(
  base: string,
  repository: string,
  reference: string,
  options: PullOptions = {},
): Promise<PulledImage> {
  const started = performance.now();
  const agent = options.agent ?? new Agent({ keepAlive: true });
  const common = {
    agent,
    headers: options.headers ?? {},
    ...(options.timeoutMs ? { timeoutMs: options.timeoutMs } : {}),
  };
  const checked = async (
    kind: 'manifests' | 'blobs',
    name: string,
    more: AskOptions = {},
  ): Promise<Answer> => {
    const answer = await ask(`${base}/v2/${repository}/${kind}/${name}`, { ...common, ...more });
    if (answer.status !== 200) throw new Error(`${kind}/${name}: answered ${answer.status}`);
    if (!answer.whole) throw new Error(`${kind}/${name}: cut after ${answer.bytes} bytes`);
    if (name.startsWith('sha256:') && answer.digest !== name) throw new Error(`${kind}/${name}: wrong bytes`);
    if (answer.headers['docker-content-digest'] !== answer.digest)
      throw new Error(`${kind}/${name}: another digest in its header`);
    return answer;
  };
  try {
    const top = await checked('manifests', reference, { keepBody: true });
    let manifest = JSON.parse(top.body.toString()) as Manifest;
    if (manifest.manifests) {
      const chosen = manifest.manifests.find(
        ({ platform }) => platform?.architecture === (options.architecture ?? 'amd64'),
      );
      if (!chosen) throw new Error(`${reference}: no manifest for this architecture`);
      manifest = JSON.parse(
        (await checked('manifests', chosen.digest, { keepBody: true })).body.toString(),
      ) as Manifest;
    }
    const names = [manifest.config, ...(manifest.layers ?? [])].flatMap((part) =>
      part ? [part.digest] : [],
    );
    const answers: Answer[] = [];
    const left = [...names];
    const worker = async (): Promise<void> => {
      for (let name = left.shift(); name !== undefined; name = left.shift())
        answers.push(
          await checked('blobs', name, {
            ...(options.abortAfterBytes ? { abortAfterBytes: options.abortAfterBytes } : {}),
            ...(options.bytesPerSecond ? { bytesPerSecond: options.bytesPerSecond } : {}),
          }),
        );
    };
    await Promise.all(Array.from({ length: options.parallel ?? 3 }, worker));
    return {
      digest: top.digest,
      bytes: answers.reduce((sum, { bytes }) => sum + bytes, 0),
      firstByteMs: Math.min(...answers.map(({ firstByteMs }) => firstByteMs)),
      ms: performance.now() - started,
    };
  } finally {
    if (options.agent === undefined) agent.destroy();
  }
}
