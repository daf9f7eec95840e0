import type { FrontTier, FrontTierConfig, FrontTierRequest } from '../front-tier';
import { localDebugPort, registryLiveness, registryPort } from '../registry-ports';
import { registryConfig } from '../render/registry-config';
import type { Peers } from '../render/varnish/options';
import { varnishTlsFile } from '../render/varnish/tls-file';
import { varnishVcl } from '../render/varnish/vcl';
import { accessFiles, accessVolumes, checkHtpasswd, usersMount } from './access-files';
import {
  certificateContainer,
  leaveFirst,
  varnishContainer,
  varnishFiles,
  varnishVolumes,
} from './varnish-containers';
import {
  defaultVarnishImage,
  resolveVarnish,
  type ResolvedVarnish,
  type VarnishOptions,
  varnishProblems,
} from './varnish-options';

const downloading = { host: '127.0.0.1', port: 5002 } as const;
const reading = { host: '127.0.0.1', port: 5003 } as const;
const readingFile = 'config-local.yml';

/** The fronts of several replicas, each at the address of its own Service; undefined for one that is alone. */
function peersOf({ serverName }: ResolvedVarnish, request: FrontTierRequest): Peers | undefined {
  const tls = request.access.type === 'htpasswd';
  if (request.replicas === 1 || (tls && serverName === undefined)) return undefined;
  const fronts = Array.from({ length: request.replicas }, (_, index) => {
    const identity = `${request.objectName}-${index}`;
    return { identity, host: `${identity}.${request.namespace}.svc`, port: registryPort.containerPort };
  });
  return { fronts, tlsServerName: tls ? serverName : undefined };
}

function readingConfig(
  { drainSeconds }: ResolvedVarnish,
  { host, storage, logLevel, access }: FrontTierRequest,
): string {
  return registryConfig({
    host,
    address: `${reading.host}:${reading.port}`,
    debugAddress: `:${localDebugPort.containerPort}`,
    storage,
    logLevel,
    drainSeconds,
    htpasswdFile: access.type === 'htpasswd' ? accessFiles.htpasswd : undefined,
  });
}

function bind(varnish: ResolvedVarnish, request: FrontTierRequest): FrontTierConfig {
  const { access, host } = request;
  const peers = peersOf(varnish, request);
  const check =
    access.type === 'htpasswd' ? checkHtpasswd(request.programImage, request.programs) : undefined;
  const local = request.registryContainer({
    name: 'registry-local',
    configFile: readingFile,
    ports: [localDebugPort],
    probes: { livenessProbe: registryLiveness(localDebugPort.name) },
    mounts: check === undefined ? [] : [usersMount],
    lifecycle: leaveFirst,
  });
  const vcl = varnishVcl({
    ...varnish,
    host,
    registry: downloading,
    localRegistry: reading,
    access: check === undefined ? 'open' : 'login',
    peers,
  });
  const tlsFile = varnishTlsFile({ port: registryPort.containerPort, ...accessFiles });
  return {
    registry: {
      address: `${downloading.host}:${downloading.port}`,
      ports: [],
      // Neither start-up nor readiness: what is cached is served before this one is up, and without it.
      probes: {},
      mounts: [],
      lifecycle: leaveFirst,
    },
    containers: [
      local,
      varnishContainer(varnish, check !== undefined),
      ...(check === undefined ? [] : [certificateContainer(varnish)]),
    ],
    initContainers: check === undefined ? [] : [check.container],
    volumes: [...varnishVolumes(varnish), ...(access.type === 'htpasswd' ? accessVolumes(access) : [])],
    configFiles: {
      [readingFile]: readingConfig(varnish, request),
      [varnishFiles.vcl]: vcl,
      ...(check === undefined ? {} : { [varnishFiles.tls]: tlsFile }),
    },
    programFiles: check?.programFiles ?? {},
    drainSeconds: varnish.drainSeconds,
    terminationSeconds: varnish.drainSeconds + 10,
    egress: peers === undefined ? [] : [{ port: registryPort.containerPort, purpose: 'the other replicas' }],
    addressedPods: peers !== undefined,
  };
}

/**
 * Varnish: one download for all nodes that ask for the same, logins that cost the registry one question a
 * minute, and old answers while the upstream or a registry is down.
 */
export function varnishFrontTier(options: VarnishOptions = {}): FrontTier {
  return {
    images: [options.image ?? defaultVarnishImage],
    problems: () => varnishProblems(options),
    bind: (request) => bind(resolveVarnish(options), request),
  };
}
