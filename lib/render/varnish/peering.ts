import { endpoint } from './backends';
import type { Peers } from './options';

const name = (index: number) => `peer_${index}`;

/** Several fronts on one storage: each path belongs to one of them, which the others ask. */
export function peering({ fronts, tlsServerName }: Peers): string {
  const tls =
    tlsServerName === undefined
      ? ''
      : `\n    .host_header = "${tlsServerName}";\n    .ssl = 1;\n    .ssl_verify_peer = 1;\n    .ssl_verify_host = 1;`;
  const declarations = fronts.map(
    (front, index) => `\
backend ${name(index)} {
${endpoint(front)}${tls}
    .connect_timeout = 1s;
    .between_bytes_timeout = 60s;
    .probe = {
        .url = "/";
        .interval = 1s;
        .timeout = 2s;
        .window = 3;
        .threshold = 2;
        .initial = 1;
    }
}`,
  );
  const own = fronts.map(
    ({ identity }, index) => `\
    if (server.identity == "${identity}" && req.http.Front-Owner == "${name(index)}") {
        unset req.http.Front-Owner;
    }`,
  );
  return `\
# The fronts of this cache, this one among them: all see the same list, so all agree on who owns a path.
${declarations.join('\n\n')}

sub vcl_init {
    new owners = directors.shard();
${fronts.map((_, index) => `    owners.add_backend(${name(index)});`).join('\n')}
    owners.reconfigure();
}

# A blob is kept by its owner alone; what came from a peer is answered here, whoever owns it.
sub recv_find_owner {
    unset req.http.Front-Owner;
    unset req.http.Front-Pass;
    if (req.http.Front-Peer || req.http.Front-Kind == "other") {
        return;
    }
    set req.backend_hint = owners.backend(by = URL, resolve = NOW);
    # Where no peer can be reached, not even itself, there is no owner.
    if (!std.healthy(req.backend_hint)) {
        return;
    }
    set req.http.Front-Owner = req.backend_hint;
${own.join('\n')}
    if (req.http.Front-Owner && req.http.Front-Kind == "blob") {
        set req.http.Front-Pass = "true";
    }
}

sub ask_peer {
    unset bereq.http.Front-Peer;
    if (bereq.http.Front-Ask == "peer") {
        set bereq.http.Front-Peer = server.identity;
        set bereq.backend = owners.backend(by = URL);
        # The peer has a time-out of its own, and answers then.
        set bereq.http.Front-Patience = "" + (std.real(bereq.http.Front-Patience, 0.0) + 1.0);
    }
}`;
}
