import { createHash } from 'node:crypto';

/** A key as long as Azure's: nobody's, and the same in every run. */
export const accountKey = createHash('sha512').update('no account has this key').digest('base64');

/** The hash of no password that anybody uses. */
export const bcryptHash = '$2y$05$' + 'Zx9KqLmN0pRsTuVwXyZaBcDeFgHiJkLmNoPqRsTuVwXyZ01234567'.slice(0, 53);

/** An htpasswd file in base64. */
export const htpasswdBase64 = Buffer.from(`alice:${bcryptHash}\n`).toString('base64');

const head = `# ...

# Optional

#######################################################################
#                    OpenPAI Customized Settings                      #
#######################################################################
# enable_hived_scheduler: true
enable_docker_cache: true
`;

/** The guide's example for Azure, as it is printed there. */
export const guideAzure = `${head}docker_cache_storage_backend: "azure"
docker_cache_azure_account_name: "forexample"
docker_cache_azure_account_key: "forexample"
# docker_cache_azure_container_name: "dockerregistry"
# docker_cache_fs_mount_path: "/var/lib/registry"
# docker_cache_remote_url: "https://registry-1.docker.io"
# docker_cache_htpasswd: "" 
# enable_marketplace: "true"

# ...

`;

/** The guide's example for a file system, as it is printed there. */
export const guideFilesystem = `${head}docker_cache_storage_backend: "filesystem"
# docker_cache_azure_account_name: ""
# docker_cache_azure_account_key: ""
# docker_cache_azure_container_name: "dockerregistry"
docker_cache_fs_mount_path: "/var/lib/registry"
# docker_cache_remote_url: "https://registry-1.docker.io"
# docker_cache_htpasswd: "" 
# enable_marketplace: "true"

# ...

`;

/** The guide's example for Azure, with a key that Azure could have made. */
export const azureWithKey = guideAzure.replace('account_key: "forexample"', `account_key: "${accountKey}"`);

/** The layout that OpenPAI comes with. */
export const layout = `# GPU cluster example
machine-sku:
  master-machine: # define a machine sku
    mem: 60GB
    cpu:
      vcore: 24

machine-list:
  - hostname: pai-worker1
    hostip: 10.0.0.2
    machine-type: gpu-machine
    pai-worker: "true"
  - hostname: pai-master
    hostip: 10.0.0.1
    machine-type: master-machine # only one master-machine supported
    pai-master: "true"
`;
