import type { Endpoint, VclOptions } from './options';
import { storedAtOnce } from './store';

/** The registries behind the front tier. */
export function backends({ registry, localRegistry }: VclOptions): string {
  return `\
# Downloads what is missing, and asks the upstream for every tag.
backend registry {
${endpoint(registry)}
    .connect_timeout = 1s;
    .first_byte_timeout = 60s;
    .between_bytes_timeout = 60s;
}

# The same registry for blobs that go into the store: only so many at once that there is room for each.
backend registry_storing {
${endpoint(registry)}
    .connect_timeout = 1s;
    .first_byte_timeout = 60s;
    .between_bytes_timeout = 60s;
    .max_connections = ${storedAtOnce};
    .wait_limit = 10000;
    .wait_timeout = 240s;
}

# Reads the same storage and has no upstream: it answers at once, whatever the upstream does.
backend local_registry {
${endpoint(localRegistry)}
    .connect_timeout = 1s;
    .first_byte_timeout = 10s;
    .between_bytes_timeout = 60s;
}

# Never fetched from: a registry that is called sick because it is busy must still be asked.
backend local_registry_health {
${endpoint(localRegistry)}
    .probe = {
        .url = "/";
        .interval = 5s;
        .timeout = 2s;
        .window = 3;
        .threshold = 2;
        .initial = 1;
    }
}`;
}

export function endpoint({ host, port }: Endpoint): string {
  return `    .host = "${host}";\n    .port = "${port}";`;
}
