import type { Problem } from '../problem';
import type { Upstream } from '../upstream';

const firstPort = 30000;
const lastPort = 32767;

/** A port serves one upstream for ever: several state theirs, none twice, each in Kubernetes' range. */
export function nodePortProblems(upstreams: readonly Upstream[]): Problem[] {
  return upstreams.flatMap(({ host, nodePort }, index): Problem[] => {
    const property = `upstreams[${index}].nodePort`;
    if (nodePort === undefined) {
      if (upstreams.length === 1) return [];
      return [
        {
          property,
          problem: `is missing for ${host}, and the order of a list must not decide who answers on a port`,
          remedy: `state a port from ${firstPort} to ${lastPort} for each of several upstreams`,
        },
      ];
    }
    if (!Number.isInteger(nodePort) || nodePort < firstPort || nodePort > lastPort) {
      return [
        {
          property,
          problem: 'is outside the range of node ports',
          value: nodePort,
          remedy: `use one from ${firstPort} to ${lastPort}`,
        },
      ];
    }
    const first = upstreams.findIndex((other) => other.nodePort === nodePort);
    if (first === index) return [];
    return [
      {
        property,
        problem: `is the port of ${upstreams[first]?.host} already, whose images would appear under the wrong name`,
        value: nodePort,
        remedy: 'give each upstream a port of its own',
      },
    ];
  });
}
