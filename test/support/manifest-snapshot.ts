import { Yaml } from 'cdk8s';
import type { Cluster } from '../../lib';
import { type KubernetesObject, objectsOf } from './objects';

/** Texts that have a reviewed copy of their own, by file name. */
const reviewedElsewhere: Readonly<Record<string, string>> = {
  'front.vcl': '# rendered by lib/render/varnish, whole in test/render/varnish/expected\n',
};

function shortened(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'ConfigMap') return object;
  const data = Object.entries(object['data'] as Record<string, string>);
  return {
    ...object,
    data: Object.fromEntries(data.map(([file, text]) => [file, reviewedElsewhere[file] ?? text])),
  };
}

/** A cluster's manifest as a person reviews it. */
export function manifestSnapshot(cluster: Cluster): string {
  return Yaml.stringify(...objectsOf(cluster).map(shortened));
}
