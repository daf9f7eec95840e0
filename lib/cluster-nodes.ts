import { Construct } from 'constructs';
import type { NodesOptions } from './cluster';
import { NodeConfigurator } from './node-configurator';
import type { NodeMirror } from './node-mirror';
import { podSecurityNamespace } from './pod-security-namespace';
import type { Programs } from './programs';
import { defaultPoolName } from './validation/pools';

export interface ClusterNodesProps {
  readonly namespace: string;
  readonly nodes: NodesOptions;
  readonly mirrors: readonly NodeMirror[];
  readonly programs: Programs;
}

/** The nodes of a cluster: a configurator for each pool, in a privileged namespace of their own. */
export class ClusterNodes extends Construct {
  constructor(scope: Construct, id: string, { nodes, ...props }: ClusterNodesProps) {
    super(scope, id);
    podSecurityNamespace(this, props.namespace, 'privileged');
    for (const pool of nodes.pools) {
      new NodeConfigurator(this, pool.name ?? defaultPoolName, { ...props, nodes: needed(nodes), pool });
    }
  }
}

/** A node is put back from its own record: no Secret that is gone may keep the agent from starting. */
function needed(nodes: NodesOptions): NodesOptions {
  return nodes.mode === 'restore' ? { ...nodes, ca: undefined, login: undefined } : nodes;
}
