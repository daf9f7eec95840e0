import type { VclOptions } from './options';
import { largestStoredBlob } from './store';

/** What is kept, where and for how long. */
export function keeping({ tagFreshnessSeconds, storeBytes, peers }: VclOptions): string {
  const fromPeer =
    peers === undefined
      ? ''
      : `\
    # A part of its time has passed at the peer.
    if (bereq.http.Front-Ask == "peer") {
        set beresp.ttl = beresp.ttl - beresp.age;
    }
`;
  return `\
sub keep {
    if (bereq.uncacheable) {
        call keep_nothing;
    } else if (bereq.http.Front-Kind == "blob") {
        call keep_blob;
    } else if (bereq.http.Front-Kind == "manifest") {
        set beresp.storage = storage.small;
        set beresp.ttl = 1h;
        set beresp.grace = 7d;
    } else {
        call keep_tag;
    }
}

sub keep_tag {
    set beresp.storage = storage.small;
    set beresp.grace = 7d;
    if (bereq.http.Front-Ask ~ "^local") {
        # Long enough for everybody who waits for it, too short to outlive the trouble.
        set beresp.ttl = 0.5s;
        return;
    }
    set beresp.ttl = ${tagFreshnessSeconds}s;
${fromPeer}    if (bereq.http.Front-Ask == "registry" || bereq.http.Front-Ask == "patient") {
        call breaker_clear;
    }
}

sub keep_blob {
    # A larger one might find no room while others are on their way, and would be cut.
    if (std.bytes(beresp.http.Content-Length, 1TB) > ${largestStoredBlob(storeBytes)}B) {
        call pass_on;
        return;
    }
    # Two downloads that ended without a kept blob: slow readers hold the store. The third goes past it.
    if (vsthrottle.is_denied("stored " + bereq.url, 2, 60s)) {
        call pass_on;
        return;
    }
    set beresp.storage = storage.blobs;
    set beresp.grace = 7d;
    if (beresp.http.Cache-Control) {
        # The registry says this only of what it reads from its storage, where it has checked the digest.
        set beresp.ttl = 365d;
    } else {
        # On its way from the upstream, seen by nobody yet: read once more from the storage later.
        set beresp.ttl = 5m + std.duration(real = std.real(beresp.http.Content-Length, 0.0) / 1048576.0);
    }
}

sub pass_on {
    set beresp.uncacheable = true;
    set beresp.ttl = 10s;
    set beresp.transit_buffer = 256KB;
}

sub keep_nothing {
    set beresp.uncacheable = true;
    set beresp.ttl = 0s;
    set beresp.transit_buffer = 256KB;
}

# Refusals are not remembered: this is for the crowd that asked together.
sub keep_for_those_who_wait {
    set beresp.ttl = 0.1s;
    set beresp.grace = 0s;
}`;
}
