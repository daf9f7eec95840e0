import { dirname } from 'node:path';
import type { NodeProcess } from '../../support/runtimes/node-process';
import { findTool } from '../../support/tools';
import type { CertificateAuthority } from '../../support/certificates';
import { kubernetes } from './control-plane';
import type { Machine } from './machine';
import { site } from './site';

export interface NodeOptions {
  /** What containerd's configuration says about the folder of hosts.toml files. @default /etc/containerd/certs.d */
  readonly configPath?: 'default' | '/etc/containerd/certs.d';
  /** How Services become rules of the kernel. @default iptables */
  readonly proxyMode?: 'iptables' | 'nftables';
}

const KUBECONFIG = '/etc/kubernetes/admin.conf';
const SOCKET = '/run/containerd/containerd.sock';

/** containerd, kubelet and kube-proxy of the one real node. */
export class NodeParts {
  private constructor(
    private readonly machine: Machine,
    private containerd: NodeProcess,
    private kubelet: NodeProcess,
    private readonly proxy: NodeProcess,
  ) {}

  static async start(
    machine: Machine,
    authority: CertificateAuthority,
    options: NodeOptions,
  ): Promise<NodeParts> {
    await writeFiles(machine, authority, options);
    const containerd = await startContainerd(machine);
    await machine.exec('cp', '/etc/cni-template.conflist', '/etc/cni/net.d/10-bridge.conflist');
    return new NodeParts(
      machine,
      containerd,
      await startKubelet(machine),
      await startProxy(machine, options),
    );
  }

  /** What the three have said lately. */
  get log(): string {
    const tail = (process: NodeProcess) => process.log.split('\n').slice(-25).join('\n');
    return [
      'containerd',
      tail(this.containerd),
      'kubelet',
      tail(this.kubelet),
      'kube-proxy',
      tail(this.proxy),
    ].join('\n');
  }

  /** Of containerd and the kubelet, which are others after a restart. */
  get pids(): readonly number[] {
    return [this.containerd.pid, this.kubelet.pid];
  }

  /** Ends containerd and the kubelet and starts them again, as a reboot does, with every file in place. */
  async restart(): Promise<void> {
    await this.kubelet.stop();
    await this.containerd.stop();
    this.containerd = await startContainerd(this.machine);
    this.kubelet = await startKubelet(this.machine);
  }

  /** Loads an image archive, as an administrator does on a node without a registry. */
  async importImage(archive: string): Promise<void> {
    await this.ctr('images', 'import', archive);
  }

  /** Makes the node forget an image: every name of its digest. */
  async forgetImage(reference: string): Promise<void> {
    const rows = (await this.ctr('images', 'ls')).split('\n').map((line) => line.split(/\s+/));
    const digest = rows.find(([name]) => name === reference)?.[2];
    if (digest === undefined) throw new Error(`the node has no image ${reference}`);
    const names = rows.filter((row) => row[2] === digest).map(([name = '']) => name);
    await this.ctr(
      'images',
      'rm',
      '--sync',
      ...names,
      ...rows.flatMap(([name]) => (name === digest ? [digest] : [])),
    );
  }

  ctr(...args: readonly string[]): Promise<string> {
    return this.machine.exec(findTool('ctr'), '--address', SOCKET, '-n', 'k8s.io', ...args);
  }
}

async function startContainerd(machine: Machine): Promise<NodeProcess> {
  const command = findTool('containerd');
  return machine.run({
    command,
    env: { PATH: `${dirname(command)}:/usr/sbin:/usr/bin:/sbin:/bin`, SSL_CERT_FILE: '/etc/ssl-test/ca.crt' },
    ready: () =>
      machine.exec(findTool('cri-pull'), SOCKET, 'list').then(
        () => true,
        () => false,
      ),
  });
}

function startKubelet(machine: Machine): Promise<NodeProcess> {
  const args = [
    `--kubeconfig=${KUBECONFIG}`,
    '--config=/etc/kubernetes/kubelet.yaml',
    `--hostname-override=${site.node}`,
    `--node-ip=${site.nodeAddress}`,
  ];
  return machine.run(kubernetes('kubelet', args));
}

function startProxy(machine: Machine, { proxyMode = 'iptables' }: NodeOptions): Promise<NodeProcess> {
  const args = [
    `--kubeconfig=${KUBECONFIG}`,
    `--hostname-override=${site.node}`,
    `--proxy-mode=${proxyMode}`,
    `--cluster-cidr=${site.podNetwork}`,
    '--conntrack-max-per-core=0', // the machine's table is not ours to size
  ];
  return machine.run(kubernetes('kube-proxy', args));
}

async function writeFiles(
  machine: Machine,
  authority: CertificateAuthority,
  { configPath = '/etc/containerd/certs.d' }: NodeOptions,
): Promise<void> {
  const registry =
    configPath === 'default'
      ? ''
      : `[plugins."io.containerd.cri.v1.images".registry]\n  config_path = "${configPath}"\n`;
  await machine.write(
    '/etc/containerd/config.toml',
    `version = 3
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "${site.images.pause}"
${registry}[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
[plugins."io.containerd.cri.v1.runtime".cni]
  bin_dirs = ["/usr/lib/cni"]
  conf_dir = "/etc/cni/net.d"
`,
  );
  await machine.write('/etc/ssl-test/ca.crt', authority.cert);
  await machine.write(
    '/etc/hosts',
    `127.0.0.1 localhost ${site.node}\n${site.hostAddress} registry-1.docker.io\n`,
  );
  await machine.write('/etc/resolv.conf', `nameserver ${site.hostAddress}\noptions timeout:1 attempts:1\n`);
  await machine.write('/etc/cni/net.d/.keep', '');
  await machine.write('/etc/cni-template.conflist', JSON.stringify(podNetwork));
  await machine.write('/etc/kubernetes/kubelet.yaml', JSON.stringify(kubeletConfiguration(machine)));
}

/** Pods on a bridge of the node. It enforces no NetworkPolicy: no scenario here proves one. */
const podNetwork = {
  cniVersion: '1.0.0',
  name: 'pods',
  plugins: [
    {
      type: 'bridge',
      bridge: 'cni0',
      isGateway: true,
      ipMasq: true,
      hairpinMode: true,
      ipam: { type: 'host-local', ranges: [[{ subnet: site.podNetwork }]], routes: [{ dst: '0.0.0.0/0' }] },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
};

function kubeletConfiguration(machine: Machine): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    cgroupDriver: 'cgroupfs',
    cgroupRoot: machine.cgroup,
    containerRuntimeEndpoint: `unix://${SOCKET}`,
    failCgroupV1: false,
    failSwapOn: false,
    // The disk is shared with others: how full it is says nothing about this node.
    evictionHard: {
      'memory.available': '0%',
      'nodefs.available': '0%',
      'imagefs.available': '0%',
      'nodefs.inodesFree': '0%',
    },
    imageGCHighThresholdPercent: 100,
    resolvConf: '/etc/resolv.conf',
  };
}
