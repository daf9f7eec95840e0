import {
  addMirror,
  clearMirrors,
  daemonJsonMirrors,
  daemonJsonProblem,
  removeMirrors,
} from '../../../render/daemon-json';
import { sameUrl } from '../../../render/hosts-toml';
import { Refusal } from '../refusal';
import type { FileEdit, FileWithdrawal, OwnEntry } from './file-edit';

export interface DaemonJsonEditOptions {
  readonly path: string;
  readonly url: string;
  readonly replaces: readonly string[];
}

/** Our mirror in dockerd's configuration. */
export function daemonJsonEdit({ path, url, replaces }: DaemonJsonEditOptions): FileEdit {
  return {
    kind: 'daemon-json',
    own: [url],
    replaced: replaces,
    apply: (current = '{}\n', previous) => {
      const problem = daemonJsonProblem(current);
      if (problem !== undefined) {
        throw new Refusal(`${path} would stop dockerd from starting: ${problem}`, [
          `repair or remove ${path}`,
        ]);
      }
      const dropped = [...replaces, ...previous].filter((other) => !sameUrl(other, url));
      return addMirror(current, url, dropped);
    },
  };
}

export const daemonJsonWithdrawal: FileWithdrawal = {
  withdraw: (current, entry) => edited(current, (text) => removeMirrors(text, all(entry))),
  original: (found, { replaced }) =>
    replaced.length === 0 ? found : edited(found, (text) => without(text, replaced)),
  clearing: (current = '{}\n', entry) => edited(current, (text) => clearMirrors(text, all(entry))),
};

/** A text without any of the mirrors stays as it is, an empty list of theirs too. */
function without(text: string, urls: readonly string[]): string {
  const named = daemonJsonMirrors(text) ?? [];
  return named.some((mirror) => urls.some((url) => sameUrl(mirror, url))) ? removeMirrors(text, urls) : text;
}

function all({ own, replaced }: OwnEntry): string[] {
  return [...own, ...replaced];
}

/** A file that somebody broke since is left to them. */
function edited(text: string, edit: (text: string) => string): string {
  const problem = daemonJsonProblem(text);
  if (problem === undefined) return edit(text);
  throw new Refusal(`the configuration would stop dockerd from starting: ${problem}`, ['repair it']);
}
