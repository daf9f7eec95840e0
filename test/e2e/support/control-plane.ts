import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { CertificateAuthority } from '../../support/certificates';
import type { ProcessOptions } from '../../support/process';
import type { NodeProcess } from '../../support/runtimes/node-process';
import { findDebian, findTool } from '../../support/tools';
import { Kubectl } from './kubectl';
import type { Machine } from './machine';
import { site } from './site';

const FOLDER = '/etc/kubernetes';

/** etcd and the parts of Kubernetes that are not on every node. */
export class ControlPlane {
  private constructor(
    readonly kubectl: Kubectl,
    readonly processes: readonly NodeProcess[],
  ) {}

  static async start(machine: Machine, authority: CertificateAuthority): Promise<ControlPlane> {
    const url = `https://${site.nodeAddress}:6443`;
    const token = randomBytes(16).toString('hex');
    await writeCredentials(machine, authority, { url, token });
    const kubectl = new Kubectl(machine.path(`${FOLDER}/admin.conf`));
    const etcd = await machine.run({
      command: findDebian('etcd-server'),
      args: [
        '--data-dir=/var/lib/etcd',
        '--listen-client-urls=http://127.0.0.1:2379',
        '--advertise-client-urls=http://127.0.0.1:2379',
        '--listen-peer-urls=http://127.0.0.1:2380',
        '--unsafe-no-fsync',
      ],
      env: { ETCD_UNSUPPORTED_ARCH: process.arch },
    });
    const apiserver = await machine.run(
      kubernetes('kube-apiserver', [
        '--etcd-servers=http://127.0.0.1:2379',
        `--advertise-address=${site.nodeAddress}`,
        `--service-cluster-ip-range=${site.serviceNetwork}`,
        `--tls-cert-file=${FOLDER}/api.crt`,
        `--tls-private-key-file=${FOLDER}/api.key`,
        `--token-auth-file=${FOLDER}/tokens.csv`,
        '--authorization-mode=Node,RBAC',
        '--allow-privileged=true',
        '--service-account-issuer=https://kubernetes.default.svc',
        `--service-account-key-file=${FOLDER}/accounts.key`,
        `--service-account-signing-key-file=${FOLDER}/accounts.key`,
      ]),
    );
    await kubectl.untilReady(apiserver);
    const others = [
      kubernetes('kube-controller-manager', [
        `--kubeconfig=${FOLDER}/admin.conf`,
        `--service-account-private-key-file=${FOLDER}/accounts.key`,
        `--root-ca-file=${FOLDER}/ca.crt`,
        '--leader-elect=false',
      ]),
      kubernetes('kube-scheduler', [`--kubeconfig=${FOLDER}/admin.conf`, '--leader-elect=false']),
    ];
    const processes = [etcd, apiserver];
    for (const options of others) processes.push(await machine.run(options));
    return new ControlPlane(kubectl, processes);
  }
}

/** How a part of Kubernetes is started. */
export function kubernetes(part: string, args: readonly string[]): ProcessOptions {
  return { command: findTool('kubernetes'), args: [part, ...args] };
}

async function writeCredentials(
  machine: Machine,
  authority: CertificateAuthority,
  { url, token }: { readonly url: string; readonly token: string },
): Promise<void> {
  const { cert, key } = authority.issue(site.nodeAddress, 'kubernetes.default.svc');
  const accounts = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'e2e', cluster: { server: url, 'certificate-authority-data': base64(authority.cert) } },
    ],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'e2e', context: { cluster: 'e2e', user: 'admin' } }],
    'current-context': 'e2e',
  };
  const files = {
    'ca.crt': authority.cert,
    'api.crt': cert,
    'api.key': key,
    'accounts.key': accounts.export({ type: 'pkcs8', format: 'pem' }).toString(),
    'tokens.csv': `${token},admin,admin,"system:masters"\n`,
    'admin.conf': JSON.stringify(kubeconfig),
  };
  for (const [name, text] of Object.entries(files)) await machine.write(`${FOLDER}/${name}`, text, 0o600);
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
