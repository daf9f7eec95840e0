import { isMarked, ourMark } from '../../../render/hosts-toml';
import { Refusal } from '../refusal';
import type { FileEdit, FileKind, FileWithdrawal } from './file-edit';

export interface MarkedFileOptions {
  readonly kind: Extract<FileKind, 'registries-conf' | 'ca'>;
  readonly path: string;
  /** The whole text, which begins with our mark. */
  readonly text: string;
  readonly own: readonly string[];
}

/** A file that is ours as a whole: a drop-in, a certificate authority. */
export function markedFileEdit({ kind, path, text, own }: MarkedFileOptions): FileEdit {
  return {
    kind,
    own,
    replaced: [],
    apply: (current) => {
      if (current === undefined || isMarked(current)) return text;
      // Somebody gave the same certificate already.
      if (kind === 'ca' && current.trim() === text.slice(ourMark.length).trim()) return current;
      throw new Refusal(`${path} was written by somebody else`, [`move ${path} away`]);
    },
  };
}

export const markedFileWithdrawal: FileWithdrawal = {
  withdraw: unlessMarked,
  original: unlessMarked,
};

function unlessMarked(text: string): string | undefined {
  return isMarked(text) ? undefined : text;
}
