import fc from 'fast-check';

/** Space between two tokens, with line ends of one kind. */
function space(eol: string): fc.Arbitrary<string> {
  return fc.constantFrom('', '', ' ', '  ', '\t', eol, `${eol}  `, `${eol}\t`, ` ${eol}${eol} `);
}

const url = fc.constantFrom(
  'https://a.example',
  'http://10.1.2.3:5000/',
  'https://größe.example/pfad',
  'http://[fd00::1]:5000',
  'https://mirror.example/a,b]}"'.replace('"', '%22'),
);

const name = fc.oneof(
  fc.constantFrom('debug', 'log-opts', 'größe', 'a b', '日本', 'q"uote', 'back\\slash', 'x]', '{y'),
  fc.string({ maxLength: 6, unit: 'grapheme' }),
);

/** A random daemon.json that dockerd can read, in a random layout. */
export const daemonJsonText: fc.Arbitrary<string> = fc
  .tuple(
    fc.dictionary(name, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }),
    fc.option(fc.oneof(fc.array(url, { maxLength: 3 }), fc.constant(null))),
    fc.nat({ max: 4 }),
    fc.constantFrom('\n', '\r\n'),
  )
  .chain(([others, mirrors, position, eol]) => {
    const entries = Object.entries(others).filter(([key]) => key.toLowerCase() !== 'registry-mirrors');
    if (mirrors !== null || position === 4) entries.splice(position, 0, ['registry-mirrors', mirrors]);
    return fc
      .array(space(eol), { minLength: 7, maxLength: 7 })
      .map((spaces) => layout(Object.fromEntries(entries), spaces));
  });

/** JSON with the spaces in turn before and after its tokens. */
function layout(value: unknown, spaces: readonly string[]): string {
  let next = 0;
  const gap = () => spaces[next++ % spaces.length] ?? '';
  const list = (open: string, items: string[], close: string) =>
    items.length === 0
      ? open + gap() + close
      : open + items.map((item) => gap() + item + gap()).join(',') + close;
  const print = (part: unknown): string => {
    if (Array.isArray(part)) return list('[', part.map(print), ']');
    if (typeof part !== 'object' || part === null) return JSON.stringify(part);
    const items = Object.entries(part).map(
      ([key, inner]) => `${JSON.stringify(key)}${gap()}:${gap()}${print(inner)}`,
    );
    return list('{', items, '}');
  };
  return gap() + print(value) + gap();
}

const comment = fc.constantFrom('# ours', '# [host."http://commented.example"]', '#größe "', '');

const hostKeys = fc.constantFrom(
  'capabilities = ["pull", "resolve"]',
  'capabilities = [\n  "pull", # [no.table]\n  "resolve",\n]',
  'ca = "/etc/ca.crt"',
  "ca = '/etc/[ca].crt'",
  'skip_verify = true # why',
  'note = """\n[not.a.table]\n"""',
  "note = '''\n[host.\"http://no\"]\n'''",
  'override_path = false',
);

/** A table of a host, with the table of its headers sometimes. */
function hostTable(host: string): fc.Arbitrary<string[]> {
  return fc
    .tuple(
      fc.uniqueArray(hostKeys, { maxLength: 3, selector: (line) => line.split(' ')[0] }),
      fc.boolean(),
      comment,
      fc.constantFrom('', '  ', '\t'),
      fc.boolean(),
    )
    .map(([keys, hasHeader, note, indent, quoted]) => {
      const key = quoted ? `"${host}"` : `'${host}'`;
      return [
        `${indent}[host.${key}] ${note}`.trimEnd(),
        ...keys.map((line) => indent + line),
        ...(hasHeader ? [`${indent}[ host . ${key} . header ]`, `${indent}  x-one = ["a"]`] : []),
      ];
    });
}

/** A random hosts.toml of somebody else that containerd can read. */
export const hostsTomlText: fc.Arbitrary<string> = fc
  .uniqueArray(url, { maxLength: 3 })
  .chain((hosts) =>
    fc.tuple(
      fc.array(comment, { maxLength: 2 }),
      fc.option(
        fc.constantFrom('server = "https://registry-1.docker.io"', "server='https://größe.example' # it"),
      ),
      fc.tuple(...hosts.map(hostTable)),
      fc.array(comment, { maxLength: 2 }),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
    ),
  )
  .map(([head, server, tables, tail, eol, endsInLine]) => {
    const lines = [...head, ...(server === null ? [] : [server]), ...tables.flat(), ...tail];
    const text = lines.join('\n') + (endsInLine && lines.length > 0 ? '\n' : '');
    return text.replaceAll('\n', eol);
  });
