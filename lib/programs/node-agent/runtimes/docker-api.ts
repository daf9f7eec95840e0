import { request } from 'node:http';
import * as z from 'zod/mini';

/** What dockerd says of itself. */
export interface DockerInfo {
  /** Mirrors of Docker Hub that are in use. */
  readonly mirrors: readonly string[];
  readonly imageStore: 'classic' | 'containerd';
}

/** The part of dockerd's API that the agent asks. */
export interface DockerApi {
  /** Whether dockerd is up and serves requests. */
  ping(): Promise<boolean>;
  info(): Promise<DockerInfo>;
}

const timeoutMs = 5_000;
const maxBytes = 4 << 20;

const infoShape = z.object({
  RegistryConfig: z.optional(z.nullable(z.object({ Mirrors: z.optional(z.nullable(z.array(z.string()))) }))),
  DriverStatus: z.optional(z.nullable(z.array(z.array(z.string())))),
});

/** Asks dockerd on its socket. */
export function dockerApi(socketPath: string): DockerApi {
  return {
    ping: () =>
      get(socketPath, '/_ping').then(
        () => true,
        () => false,
      ),
    info: async () => {
      const { RegistryConfig, DriverStatus } = infoShape.parse(JSON.parse(await get(socketPath, '/info')));
      const driver = (DriverStatus ?? []).find(([key]) => key === 'driver-type')?.[1];
      return {
        mirrors: RegistryConfig?.Mirrors ?? [],
        imageStore: driver?.startsWith('io.containerd.snapshotter') === true ? 'containerd' : 'classic',
      };
    },
  };
}

function get(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const call = request(
      { socketPath, path, agent: false, signal, headers: { host: 'docker' } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('error', reject);
        response.on('data', (chunk: string) => {
          text += chunk;
          if (text.length > maxBytes) response.destroy(new Error('the answer is too long'));
        });
        response.once('end', () => {
          if (response.statusCode === 200) resolve(text);
          else reject(new Error(`dockerd answered ${response.statusCode ?? 0} for ${path}`));
        });
      },
    );
    call.on('error', reject);
    call.end();
  });
}
