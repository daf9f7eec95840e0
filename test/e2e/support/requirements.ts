import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { missingParts } from '../../support/tools';
import { varnishFolder } from '../../support/varnish';
import { site } from './site';

/** The real parts that the cluster is made of. */
export const clusterParts = [
  'registry',
  'cri-pull',
  'containerd',
  'kubernetes',
  'debian:busybox-static',
  'debian:containernetworking-plugins',
  'debian:etcd-server',
  'debian:iproute2',
  'debian:iptables',
  'debian:nftables',
  'debian:runc',
  'debian:skopeo',
] as const;

/** Why no cluster can be started here; nothing when one can. */
export function obstacles(more: readonly string[] = []): string[] {
  const reasons = missingParts([...clusterParts, ...more]).map((part) => `missing: ${part}`);
  const varnish = varnishObstacle();
  if (varnish !== undefined) reasons.push(varnish);
  if (process.platform !== 'linux') return [...reasons, 'this is not Linux'];
  if (process.getuid?.() !== 0) return [...reasons, 'this is not root'];
  if (!existsSync('/sys/fs/cgroup')) reasons.push('the kernel has no cgroups');
  const failure = (command: string, ...args: string[]) => {
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    return status === 0 ? undefined : stderr.trim();
  };
  const namespaces = failure('unshare', '--mount', '--pid', '--net', '--fork', 'true');
  if (namespaces !== undefined) reasons.push(`the kernel gives no namespaces: ${namespaces}`);
  const tables = failure('unshare', '--net', 'iptables', '-t', 'nat', '-L', '-n');
  if (tables !== undefined) reasons.push(`the kernel has no nat table: ${tables}`);
  if (existsSync(`/sys/class/net/${site.cable}`))
    reasons.push(`${site.cable} is there: another run is under way`);
  return reasons;
}

function varnishObstacle(): string | undefined {
  try {
    varnishFolder();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
