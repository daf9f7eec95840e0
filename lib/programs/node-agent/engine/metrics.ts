import { nodeStates } from './status';
import type { StatusBoard } from './status-board';

interface Metric {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly samples: readonly Sample[];
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * The state of the node's mirrors in Prometheus' text format. Without prom-client, which for four numbers
 * would be a third of the program that a ConfigMap has to hold.
 */
export function metricsText(board: StatusBoard): string {
  const { mirrors } = board.status;
  const metrics: Metric[] = [
    {
      name: 'docker_cache_node_state',
      type: 'gauge',
      help: 'Where a mirror stands on this node: 1 for its state, 0 for the others',
      samples: mirrors.flatMap(({ host, state }) =>
        nodeStates.map((name) => ({
          labels: { registry: host, state: name },
          value: name === state ? 1 : 0,
        })),
      ),
    },
    {
      name: 'docker_cache_node_probes_total',
      type: 'counter',
      help: 'Questions of this node to a mirror, by what came of them',
      samples: mirrors.flatMap(({ host }) =>
        [...(board.probes.get(host) ?? [])].map(([result, value]) => ({
          labels: { registry: host, result },
          value,
        })),
      ),
    },
    {
      name: 'docker_cache_node_withdrawals_total',
      type: 'counter',
      help: 'How often a mirror was withdrawn from this node',
      samples: mirrors.map(({ host, withdrawals }) => ({ labels: { registry: host }, value: withdrawals })),
    },
    {
      name: 'docker_cache_node_last_change_timestamp_seconds',
      type: 'gauge',
      help: 'When a file of this node was last changed for a mirror, 0 for never',
      samples: mirrors.map(({ host }) => ({
        labels: { registry: host },
        value: (board.changes.get(host) ?? 0) / 1000,
      })),
    },
  ];
  return metrics.map(metricLines).join('');
}

function metricLines({ name, type, help, samples }: Metric): string {
  const lines = samples.map(({ labels, value }) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
    return `${name}{${pairs.join(',')}} ${value}`;
  });
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
}
