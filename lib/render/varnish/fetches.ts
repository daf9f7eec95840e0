import type { VclOptions } from './options';

const zeroDigest = `sha256:${'0'.repeat(64)}`;

/**
 * Who is asked, and who next when the answer is of no use. Front-Ask says who is being asked:
 *
 *     registry        the registry that downloads; a tag has to arrive within the upstream's time-out
 *     local           then the one that only reads: an old tag is better than none
 *     patient         then, for what the storage does not have, the first one again with more time
 *     verdict         whether a 404 means that there is no such image, or that the upstream failed
 *     local-first     instead of `registry`, while the upstream fails: nobody waits for it
 */
export function fetches({ peers }: VclOptions): string {
  const firstPeer =
    peers === undefined
      ? ''
      : `\
    if (bereq.http.Front-Owner) {
        set bereq.http.Front-Ask = "peer";
        return;
    }
`;
  const askPeer = peers === undefined ? '' : '    call ask_peer;\n';
  const afterPeer =
    peers === undefined
      ? ''
      : `\
    if (bereq.http.Front-Ask == "peer") {
        call plan_own;
        return (retry);
    }
`;
  return `\
sub vcl_backend_fetch {
    if (bereq.retries == 0) {
        call plan;
    }
    set bereq.http.Front-Asked-At = "" + std.real(time = now);
    set bereq.backend = registry;
    call ask_registry;
    call ask_local;
    call ask_verdict;
${askPeer}    set bereq.first_byte_timeout = std.duration(bereq.http.Front-Patience + "s", 10s);
    return (fetch);
}

sub plan {
${firstPeer}    call plan_own;
}

sub plan_own {
    set bereq.http.Front-Ask = "registry";
    call breaker_read;
    if (var.get_string("upstream") == "failing" && !bereq.is_bgfetch && bereq.http.Front-Kind != "other") {
        set bereq.http.Front-Ask = "local-first";
    }
    if (bereq.http.Front-Kind == "login") {
        set bereq.http.Front-Ask = "local";
    }
}

sub ask_registry {
    set bereq.http.Front-Patience = "15";
    if (bereq.http.Front-Kind == "blob") {
        set bereq.http.Front-Patience = "30";
        if (!bereq.uncacheable && !bereq.is_hitmiss) {
            set bereq.backend = registry_storing;
        }
    } else if (bereq.http.Front-Ask == "patient") {
        set bereq.http.Front-Patience = "12";
    } else if (bereq.http.Front-Kind != "manifest") {
        call breaker_choose_patience;
    }
}

sub ask_local {
    if (bereq.http.Front-Ask ~ "^local") {
        set bereq.backend = local_registry;
        set bereq.http.Front-Patience = "10";
    }
}

# A proxying registry says 404 for a tag that it could not ask for, but not for a digest: here one that cannot exist.
sub ask_verdict {
    if (bereq.http.Front-Ask == "verdict") {
        set bereq.url = regsub(bereq.url, "[^/]+$", "${zeroDigest}");
        set bereq.backend = registry;
        set bereq.http.Front-Patience = "12";
    }
}

sub vcl_backend_response {
    unset beresp.http.Set-Cookie;
    if (bereq.http.Front-Kind == "login") {
        call keep_login;
    } else if (bereq.http.Front-Kind == "other") {
        call keep_nothing;
    } else if (bereq.http.Front-Ask == "verdict") {
        call judge;
    } else if (beresp.status == 200 || beresp.status == 206) {
        call keep;
    } else if (beresp.status == 404) {
        call asked_for_unknown;
        call keep_for_those_who_wait;
    } else if (beresp.status == 401 || beresp.status == 403) {
        call asked_without_right;
    } else if (beresp.status == 429 || beresp.status >= 500) {
        call asked_in_vain;
    } else {
        call keep_for_those_who_wait;
    }
    if (bereq.http.Front-Answer) {
        return (error);
    }
    return (deliver);
}

sub vcl_backend_error {
    if (!bereq.http.Front-Answer) {
        call asked_in_vain;
    }
    # What is in the cache is better than this.
    if (bereq.is_bgfetch) {
        return (abandon);
    }
    call write_answer;
    return (deliver);
}

# Nothing came, or nothing that could be passed on.
sub asked_in_vain {
${afterPeer}    call note_trouble;
    if (bereq.http.Front-Kind == "login" || bereq.http.Front-Kind == "other") {
        set bereq.http.Front-Answer = "503";
    } else if (bereq.http.Front-Ask == "registry") {
        call breaker_note_waiting;
        call breaker_trip;
        set bereq.http.Front-Ask = "local";
        return (retry);
    } else if (bereq.http.Front-Ask == "local-first") {
        # For one who waited with others, and came too late to be content with an old answer.
        set bereq.http.Front-Nobody = "true";
        set bereq.http.Front-Ask = "patient";
        return (retry);
    } else if (bereq.http.Front-Ask == "local") {
        set bereq.http.Front-Nobody = "true";
        set bereq.http.Front-Answer = bereq.http.Front-Trouble;
    } else {
        call breaker_trip;
        set bereq.http.Front-Answer = bereq.http.Front-Trouble;
    }
}

# The first trouble is the one that is told.
sub note_trouble {
    if (!bereq.http.Front-Trouble) {
        set bereq.http.Front-Trouble = "503";
    }
    if (beresp.status == 429) {
        set bereq.http.Front-Trouble = "429";
    }
}

sub asked_for_unknown {
    if (bereq.http.Front-Ask == "local-first") {
        set bereq.http.Front-Ask = "patient";
        return (retry);
    }
    if (bereq.http.Front-Ask == "local") {
        if (bereq.http.Front-Kind == "tag" && bereq.http.Front-Waited) {
            set bereq.http.Front-Ask = "patient";
            return (retry);
        }
        set bereq.http.Front-Answer = bereq.http.Front-Trouble;
    } else if (bereq.http.Front-Kind == "tag" && bereq.http.Front-Ask != "peer") {
        set bereq.http.Front-Ask = "verdict";
        return (retry);
    }
}

# Docker Hub says so of a repository that does not exist, too. From us it would be a question for another login.
# The local registry and peers say it of the client's login, which was right a moment ago.
sub asked_without_right {
    if (bereq.http.Front-Ask ~ "^local" || bereq.http.Front-Ask == "peer") {
        call asked_in_vain;
    } else {
        set bereq.http.Front-Answer = "404";
    }
}

sub judge {
    if (beresp.status == 404 || beresp.status == 401 || beresp.status == 403) {
        call breaker_clear;
        set bereq.http.Front-Answer = "404";
    } else {
        call breaker_trip;
        call note_trouble;
        set bereq.http.Front-Answer = bereq.http.Front-Trouble;
    }
}`;
}
