import type { ResolvedMirror } from '../mirror';
import type { HttpAnswer } from './http-get';
import { ask } from './probe-mirror';
import type { ProbeResult } from './probe-result';

/** Longest random wait before the one question by tag, in milliseconds: a cluster does not ask at once. */
export const tagWaitMs = 600_000;
/** How many questions to `/v2/` go by between two questions by digest. */
export const questionsPerDigest = 10;

const accept = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/**
 * Shows whether the cache can still read its storage: `/v2/` stays 200 when it cannot. An image is asked
 * for by tag once, which may cost the upstream a pull, and from then on by digest, which does not.
 */
export class ImageProbe {
  private digest: string | undefined;
  private tagAt: number | undefined;
  private questions = 0;
  private broken = false;

  constructor(
    private readonly now: () => number,
    /** A number from 0 to 1. */
    private readonly random: () => number,
  ) {}

  /** Asks when it is time to; `inUse` says whether the node uses the mirror already. */
  async probe(mirror: ResolvedMirror, inUse: boolean): Promise<ProbeResult> {
    const { probeImage } = mirror;
    if (probeImage === undefined) return ok;
    if (this.digest === undefined) {
      if (inUse) await this.askByTag(mirror, probeImage);
      return ok;
    }
    this.questions += 1;
    if (!this.broken && this.questions % questionsPerDigest !== 0) return ok;
    return this.askByDigest(mirror, probeImage, this.digest);
  }

  private async askByTag(mirror: ResolvedMirror, image: string): Promise<void> {
    this.tagAt ??= this.now() + this.random() * tagWaitMs;
    if (this.now() < this.tagAt) return;
    const answer = await manifest(mirror, image, 'latest');
    const digest =
      'kind' in answer || answer.status !== 200 ? undefined : answer.header('Docker-Content-Digest');
    // What goes wrong here may be the upstream's: it tells nothing about the cache.
    this.tagAt = digest === undefined ? this.now() + tagWaitMs : undefined;
    this.digest = digest;
  }

  private async askByDigest(mirror: ResolvedMirror, image: string, digest: string): Promise<ProbeResult> {
    const answer = await manifest(mirror, image, digest);
    this.broken = 'kind' in answer || answer.status >= 500;
    if ('kind' in answer) return answer;
    // Anything else than 5xx is the upstream's: 429, or 404 of an image that was evicted.
    if (answer.status < 500) return ok;
    return {
      kind: 'failure',
      cause: 'storage',
      detail: `${mirror.url} answered ${answer.status} for ${image}@${digest}`,
    };
  }
}

const ok: ProbeResult = { kind: 'ok' };

function manifest(
  mirror: ResolvedMirror,
  image: string,
  reference: string,
): Promise<HttpAnswer | Extract<ProbeResult, { kind: 'failure' }>> {
  return ask(mirror, `/v2/${image}/manifests/${reference}`, mirror.authorization !== undefined, { accept });
}
