import type { NodeRuntime } from '../node-runtime';
import type { Problem } from '../problem';
import { unknownKeys } from './unknown-keys';

const runtimeKeys: Record<NodeRuntime['type'], Readonly<Record<string, true>>> = {
  docker: { type: true, imageStore: true },
  containerd: { type: true, configFile: true, certsDir: true, colonFolder: true },
  k3s: { type: true },
  rke2: { type: true },
  crio: { type: true },
};

function folderProblems(property: string, path: string | undefined): Problem[] {
  if (path === undefined || /^(\/[A-Za-z0-9._-]+)+$/.test(path)) return [];
  return [
    {
      property,
      problem: 'is not an absolute path',
      value: path,
      remedy: 'write it like /etc/containerd/certs.d',
    },
  ];
}

/** What is wrong with the runtime of a pool. */
export function runtimeProblems(property: string, runtime: NodeRuntime): Problem[] {
  const type: string = runtime.type;
  if (!Object.hasOwn(runtimeKeys, type)) {
    return [
      {
        property: `${property}.type`,
        problem: 'is not a runtime that can be configured',
        value: type,
        remedy: `use one of ${Object.keys(runtimeKeys).join(', ')}`,
      },
    ];
  }
  const problems = unknownKeys(property, runtime, runtimeKeys[runtime.type]);
  if (runtime.type === 'docker') {
    const imageStore: string = runtime.imageStore;
    return imageStore === 'classic' || imageStore === 'containerd'
      ? problems
      : [
          ...problems,
          {
            property: `${property}.imageStore`,
            problem: 'is not an image store of dockerd',
            value: imageStore,
            remedy: 'use classic or containerd',
          },
        ];
  }
  if (runtime.type !== 'containerd') return problems;
  return [
    ...problems,
    ...folderProblems(`${property}.configFile`, runtime.configFile),
    ...folderProblems(`${property}.certsDir`, runtime.certsDir),
  ];
}
