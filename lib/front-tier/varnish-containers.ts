import { k8s } from 'cdk8s-plus-27';
import { configFolder, registryPort, registryProbes } from '../registry-ports';
import { reloadCertificateScript } from '../render/varnish/reload-certificate';
import { varnishdArguments } from '../render/varnish/varnishd-arguments';
import { unprivileged } from '../security';
import { accessFiles, tlsMount } from './access-files';
import type { ResolvedVarnish } from './varnish-options';

/** Files of the front tier among the Pod's configuration files. */
export const varnishFiles = { vcl: 'front.vcl', tls: 'front-tls.cfg' } as const;

const workFolder = '/var/lib/varnish/front';
const storeFolder = '/var/lib/docker-cache-store';
const storeVolume = 'front-store';
const workVolume = 'front-work';
const temporaryVolume = 'front-tmp';

const mebibytes = (bytes: number): number => Math.ceil(bytes / 1024 / 1024);
const quantity = (text: string) => k8s.Quantity.fromString(text);

/** The folders that Varnish writes to; the store's limit is above its file, which is allocated whole. */
export function varnishVolumes({ storeBytes }: ResolvedVarnish): readonly k8s.Volume[] {
  return [
    { name: storeVolume, emptyDir: { sizeLimit: quantity(`${mebibytes(storeBytes) + 64}Mi`) } },
    { name: workVolume, emptyDir: { sizeLimit: quantity('256Mi') } },
    { name: temporaryVolume, emptyDir: { sizeLimit: quantity('64Mi') } },
  ];
}

const workMount: k8s.VolumeMount = { name: workVolume, mountPath: '/var/lib/varnish' };
const configMount: k8s.VolumeMount = { name: 'config', mountPath: configFolder, readOnly: true };

/** Ends only when no node is sent here any more: a stopping Varnish still takes new connections. */
export const leaveFirst: k8s.Lifecycle = { preStop: { exec: { command: ['sleep', '5'] } } };

/** Listens for the nodes. */
export function varnishContainer(varnish: ResolvedVarnish, tls: boolean): k8s.Container {
  const scheme = tls ? 'HTTPS' : 'HTTP';
  // It answers by itself: an outage of the storage must not restart it.
  const alive: k8s.Probe = {
    httpGet: { path: '/alive', port: k8s.IntOrString.fromString(registryPort.name), scheme },
    periodSeconds: 5,
    timeoutSeconds: 2,
  };
  return {
    name: 'varnish',
    image: varnish.image,
    imagePullPolicy: 'IfNotPresent',
    // Whole, because the image's entry point adds options of its own to what begins with a dash.
    command: ['varnishd'],
    args: varnishdArguments({
      vclFile: `${configFolder}/${varnishFiles.vcl}`,
      workFolder,
      storeFile: `${storeFolder}/blobs`,
      storeBytes: varnish.storeBytes,
      identity: '$(POD_NAME)',
      listen: tls
        ? { tlsFile: `${configFolder}/${varnishFiles.tls}` }
        : { address: `:${registryPort.containerPort}` },
    }),
    env: [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
    ports: [registryPort],
    volumeMounts: [
      configMount,
      ...(tls ? [tlsMount] : []),
      { name: storeVolume, mountPath: storeFolder },
      workMount,
      { name: temporaryVolume, mountPath: '/tmp' },
    ],
    resources: {
      requests: {
        cpu: quantity('100m'),
        memory: quantity('256Mi'),
        'ephemeral-storage': quantity(`${mebibytes(varnish.storeBytes) + 64}Mi`),
      },
      limits: { memory: quantity(`${varnish.memoryLimitMiB}Mi`) },
    },
    securityContext: unprivileged,
    lifecycle: leaveFirst,
    readinessProbe: registryProbes(scheme).readinessProbe,
    startupProbe: { ...alive, failureThreshold: 30 },
    livenessProbe: { ...alive, failureThreshold: 3, terminationGracePeriodSeconds: 1 },
  };
}

/** Tells Varnish of a renewed certificate. */
export function certificateContainer({ image }: ResolvedVarnish): k8s.Container {
  return {
    name: 'reload-certificate',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: [
      '/bin/sh',
      '-c',
      reloadCertificateScript({
        certificate: accessFiles.certificate,
        privateKey: accessFiles.privateKey,
        workFolder,
        intervalSeconds: 30,
      }),
    ],
    // varnishd's pid is another container's: https://varnish-cache.org/docs/7.6/reference/vsm.html.
    env: [{ name: 'VSM_NOPID', value: '1' }],
    volumeMounts: [tlsMount, { ...workMount, readOnly: true }],
    resources: {
      requests: { cpu: quantity('5m'), memory: quantity('16Mi') },
      limits: { memory: quantity('64Mi') },
    },
    securityContext: unprivileged,
  };
}
