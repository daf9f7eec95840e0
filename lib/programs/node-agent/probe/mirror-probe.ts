import type { ResolvedMirror } from '../mirror';
import { ImageProbe } from './image-probe';
import { probeMirror } from './probe-mirror';
import type { ProbeResult } from './probe-result';

/** Time between two questions with the login, in milliseconds: a hash of cost 10 costs the cache 68 ms each. */
export const loginEveryMs = 300_000;

/** The questions of one node to one mirror: each time without a login, sometimes with it, rarely for an image. */
export class MirrorProbe {
  private readonly image: ImageProbe;
  /** The login that was last asked with, and what came of it. */
  private asked: { authorization: string; at: number; result: ProbeResult } | undefined;
  private failed = false;

  constructor(
    private readonly now: () => number,
    random: () => number,
  ) {
    this.image = new ImageProbe(now, random);
  }

  /** Asks once; `inUse` says whether the node uses the mirror. */
  async probe(mirror: ResolvedMirror, inUse: boolean): Promise<ProbeResult> {
    const result = await this.questions(mirror, inUse);
    this.failed = result.kind !== 'ok';
    return result;
  }

  private async questions(mirror: ResolvedMirror, inUse: boolean): Promise<ProbeResult> {
    const open = await probeMirror(mirror, false);
    if (open.kind !== 'ok') return open;
    const login = await this.login(mirror);
    return login.kind === 'ok' ? this.image.probe(mirror, inUse) : login;
  }

  private async login(mirror: ResolvedMirror): Promise<ProbeResult> {
    const { authorization } = mirror;
    if (authorization === undefined) return { kind: 'ok' };
    const { asked } = this;
    const known = asked?.authorization === authorization && this.now() - asked.at < loginEveryMs;
    // A refused login is not asked again and again: it stays refused until it changes or some minutes have gone by.
    if (known && (asked.result.kind === 'wrong' || !this.failed)) return asked.result;
    const result = await probeMirror(mirror, true);
    this.asked = { authorization, at: this.now(), result };
    return result;
  }
}
