import type { VclOptions } from './options';

const digest = '(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})';
const repository = '[a-z0-9][a-z0-9._/-]*';

/** What clients may ask, and where their question goes. */
export function requests({ access, peers }: VclOptions): string {
  const login = access === 'login' ? '    call recv_check_login;\n' : '';
  const owner = peers === undefined ? '' : '    call recv_find_owner;\n';
  const authorization = access === 'login' ? '' : '    unset req.http.Authorization;\n';
  return `\
sub vcl_recv {
    if (req.restarts == 0) {
        call recv_forget_what_only_we_say;
        call recv_answer_probes;
        call recv_refuse_writes;
        call recv_simplify;
    }
${login}    call recv_classify;
    call recv_choose_staleness;
${owner}    if (req.http.Front-Kind == "other" || req.http.Front-Pass) {
        return (pass);
    }
    return (hash);
}

# Headers named Front-* are notes of this program to itself: nobody else may write them.
sub recv_forget_what_only_we_say {
    unset req.http.Front-Answer;
    unset req.http.Front-Ask;
    unset req.http.Front-Asked-At;
    unset req.http.Front-Kind;
    unset req.http.Front-Last-Resort;
    unset req.http.Front-Login;
    unset req.http.Front-Nobody;
    unset req.http.Front-Owner;
    unset req.http.Front-Pass;
    unset req.http.Front-Path;
    unset req.http.Front-Patience;
    unset req.http.Front-Trouble;
    unset req.http.Front-Url;
    unset req.http.Front-Waited;
}

# Neither needs a login, and neither asks the upstream: a cache whose upstream is down is well.
sub recv_answer_probes {
    if (req.url == "/alive") {
        return (synth(200));
    }
    if (req.url == "/") {
        if (std.healthy(local_registry_health)) {
            return (synth(200));
        }
        return (synth(503, "the registry that reads the storage is not well"));
    }
    if (req.url !~ "^/v2(/|$|\\?)") {
        return (synth(404));
    }
}

sub recv_refuse_writes {
    if (req.method != "GET" && req.method != "HEAD") {
        return (synth(405, "this cache only serves pulls"));
    }
}

# Whole answers only; Varnish cuts ranges out of them itself.
sub recv_simplify {
    unset req.http.Accept-Encoding;
    unset req.http.Cache-Control;
    unset req.http.Cookie;
    unset req.http.If-Match;
    unset req.http.If-Modified-Since;
    unset req.http.If-None-Match;
    unset req.http.If-Range;
    unset req.http.If-Unmodified-Since;
    unset req.http.Pragma;
${authorization}    # Set anew, or a client's "Connection: accept" would hide from the registry what is part of the key.
    std.collect(req.http.Accept);
    set req.http.Accept = req.http.Accept;
    set req.http.Authorization = req.http.Authorization;
}

sub recv_classify {
    set req.http.Front-Path = regsub(req.url, "\\?.*$", "");
    if (req.http.Front-Path == "/v2/" || req.http.Front-Path == "/v2") {
        return (synth(200));
    }
    if (req.http.Front-Path ~ "/[./]") {
        set req.http.Front-Kind = "other";
    } else if (req.http.Front-Path ~ "^/v2/${repository}/blobs/${digest}$") {
        set req.http.Front-Kind = "blob";
    } else if (req.http.Front-Path ~ "^/v2/${repository}/manifests/${digest}$") {
        set req.http.Front-Kind = "manifest";
    } else if (req.http.Front-Path ~ "^/v2/${repository}/manifests/[A-Za-z0-9_][A-Za-z0-9_.-]*$") {
        set req.http.Front-Kind = "tag";
    } else {
        set req.http.Front-Kind = "other";
    }
    # containerd adds ?ns=, which must not make another key.
    if (req.http.Front-Kind != "other") {
        set req.url = req.http.Front-Path;
    }
}

# A tag that is older than its freshness is good enough only while the upstream fails.
sub recv_choose_staleness {
    call breaker_read;
    set req.grace = 0s;
    if (var.get_string("upstream") == "failing") {
        set req.grace = 1h;
    }
    if (req.http.Front-Last-Resort) {
        set req.grace = 7d;
    }
}

sub vcl_hash {
    hash_data(req.url);
    if (req.http.Front-Kind == "login") {
        hash_data("login " + req.http.Authorization);
    } else if (req.http.Front-Kind != "blob") {
        # The same name is an index for one client and a manifest for another.
        hash_data(req.http.Accept);
    }
    return (lookup);
}`;
}
