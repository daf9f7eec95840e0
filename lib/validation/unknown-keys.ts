import type { Problem } from '../problem';

/** The keys of an options type, each once: a type that gains a key does not compile until it is here. */
export type KeysOf<Options> = Record<keyof Options, true>;

/** Properties that nothing reads: a misspelt option would silently keep its default. */
export function unknownKeys<Options extends object>(
  property: string,
  options: Options,
  known: Readonly<Record<string, true>>,
): Problem[] {
  return Object.keys(options)
    .filter((key) => !(key in known))
    .map((key) => ({
      property: property === '' ? key : `${property}.${key}`,
      problem: 'is not an option',
      remedy: `remove it or spell it as one of ${Object.keys(known).join(', ')}`,
    }));
}

/** What is missing where TypeScript was not asked. */
export function missing(property: string, value: unknown, remedy: string): Problem[] {
  return value === undefined || value === null ? [{ property, problem: 'is missing', remedy }] : [];
}
