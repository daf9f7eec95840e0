import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';

/** The parts of a cluster file in the order in which a reader meets them: title, file, interface. */
export const parts: readonly (readonly [string, string, string])[] = [
  ['Every cluster', 'cluster.ts', 'ClusterBase'],
  ['A cluster with a cache of its own', 'cluster.ts', 'CacheCluster'],
  ['A cluster that uses the registries of others', 'cluster.ts', 'MirrorCluster'],
  ['`cache`', 'image-cache-options.ts', 'ImageCacheOptions'],
  [
    '`Upstream.dockerHub`, `.ghcr`, `.quay`, `.kubernetes`, `.mcr`, `.nvcr`, `.registry`',
    'upstream.ts',
    'UpstreamOptions',
  ],
  ['`proxy` of an upstream', 'upstream.ts', 'UpstreamProxy'],
  ['`StorageBackend.hostPath`', 'storage/host-path.ts', 'HostPathOptions'],
  ['`StorageBackend.azureBlob`', 'storage/azure-blob.ts', 'AzureBlobOptions'],
  [
    '`StorageBackend.persistentVolumeClaim`',
    'storage/persistent-volume-claim.ts',
    'PersistentVolumeClaimOptions',
  ],
  ['`Access.open`', 'access.ts', 'OpenAccessOptions'],
  ['`Access.htpasswd`', 'access.ts', 'HtpasswdAccessOptions'],
  ['`FrontTier.varnish`', 'front-tier/varnish-options.ts', 'VarnishOptions'],
  ['`mirrors`', 'cluster.ts', 'Mirror'],
  ['`nodes`', 'cluster.ts', 'NodesOptions'],
  ['`pools` of `nodes`', 'cluster.ts', 'NodePool'],
  ['`probe` of `nodes`', 'cluster.ts', 'ProbeOptions'],
  ['`NodeRuntime.docker`', 'node-runtime.ts', 'DockerOptions'],
  ['`NodeRuntime.containerd`', 'node-runtime.ts', 'ContainerdOptions'],
  ['`namespaces`', 'cluster.ts', 'Namespaces'],
];

const lib = resolve(__dirname, '../lib');

export function members(file: string, name: string): ts.PropertySignature[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(join(lib, file), 'utf8'),
    ts.ScriptTarget.ES2022,
    true,
  );
  const found: ts.PropertySignature[] = [];
  const collect = (node: ts.Node): void => {
    if (ts.isPropertySignature(node) && node.type?.getText() !== 'never') found.push(node);
    else if (!ts.isTypeLiteralNode(node) || !ts.isPropertySignature(node.parent))
      ts.forEachChild(node, collect);
  };
  const declaration = source.statements.find(
    (statement) =>
      (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) &&
      statement.name.text === name,
  );
  if (declaration === undefined) throw new Error(`${file} declares no ${name}`);
  ts.forEachChild(declaration, collect);
  const names = found.map((member) => member.name.getText());
  return found.filter((_, index) => names.indexOf(names[index] ?? '') === index);
}

export function comment(member: ts.PropertySignature) {
  const docs = ts.getJSDocCommentsAndTags(member).filter(ts.isJSDoc);
  const tags = docs.flatMap(({ tags: all }) => all ?? []);
  const text = (value: string | ts.NodeArray<ts.JSDocComment> | undefined): string =>
    (ts.getTextOfJSDocComment(value) ?? '').replace(/\s+/g, ' ').trim();
  const fallback = tags.find(({ tagName }) => tagName.text === 'default');
  return {
    meaning: docs.map(({ comment: value }) => text(value)).join(' '),
    fallback: fallback === undefined ? undefined : text(fallback.comment),
  };
}

const cell = (text: string): string => text.replace(/\|/g, '\\|').replace(/\s+/g, ' ');

function table(file: string, name: string): string {
  const rows = members(file, name).map((member) => {
    const { meaning, fallback } = comment(member);
    const optional = member.questionToken !== undefined;
    const otherwise = fallback ?? (optional ? '' : '**required**');
    return `| \`${member.name.getText()}\` | ${cell(meaning)} | ${cell(otherwise)} |`;
  });
  return ['| setting | meaning | default |', '| --- | --- | --- |', ...rows].join('\n');
}

/** Every setting of a cluster file with its meaning and default, from the doc comments of the library. */
export function settingsTables(): string {
  return parts.map(([title, file, name]) => `### ${title}\n\n${table(file, name)}`).join('\n\n');
}
