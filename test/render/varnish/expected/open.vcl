vcl 4.1;

# The front tier of the cache of docker.io.

import std;
import var;
import vsthrottle;

# Downloads what is missing, and asks the upstream for every tag.
backend registry {
    .host = "127.0.0.1";
    .port = "5002";
    .connect_timeout = 1s;
    .first_byte_timeout = 60s;
    .between_bytes_timeout = 60s;
}

# The same registry for blobs that go into the store: only so many at once that there is room for each.
backend registry_storing {
    .host = "127.0.0.1";
    .port = "5002";
    .connect_timeout = 1s;
    .first_byte_timeout = 60s;
    .between_bytes_timeout = 60s;
    .max_connections = 6;
    .wait_limit = 10000;
    .wait_timeout = 240s;
}

# Reads the same storage and has no upstream: it answers at once, whatever the upstream does.
backend local_registry {
    .host = "127.0.0.1";
    .port = "5003";
    .connect_timeout = 1s;
    .first_byte_timeout = 10s;
    .between_bytes_timeout = 60s;
}

# Never fetched from: a registry that is called sick because it is busy must still be asked.
backend local_registry_health {
    .host = "127.0.0.1";
    .port = "5003";
    .probe = {
        .url = "/";
        .interval = 5s;
        .timeout = 2s;
        .window = 3;
        .threshold = 2;
        .initial = 1;
    }
}

sub vcl_recv {
    if (req.restarts == 0) {
        call recv_forget_what_only_we_say;
        call recv_answer_probes;
        call recv_refuse_writes;
        call recv_simplify;
    }
    call recv_classify;
    call recv_choose_staleness;
    if (req.http.Front-Kind == "other" || req.http.Front-Pass) {
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
    if (req.url !~ "^/v2(/|$|\?)") {
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
    unset req.http.Authorization;
    # Set anew, or a client's "Connection: accept" would hide from the registry what is part of the key.
    std.collect(req.http.Accept);
    set req.http.Accept = req.http.Accept;
    set req.http.Authorization = req.http.Authorization;
}

sub recv_classify {
    set req.http.Front-Path = regsub(req.url, "\?.*$", "");
    if (req.http.Front-Path == "/v2/" || req.http.Front-Path == "/v2") {
        return (synth(200));
    }
    if (req.http.Front-Path ~ "/[./]") {
        set req.http.Front-Kind = "other";
    } else if (req.http.Front-Path ~ "^/v2/[a-z0-9][a-z0-9._/-]*/blobs/(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$") {
        set req.http.Front-Kind = "blob";
    } else if (req.http.Front-Path ~ "^/v2/[a-z0-9][a-z0-9._/-]*/manifests/(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$") {
        set req.http.Front-Kind = "manifest";
    } else if (req.http.Front-Path ~ "^/v2/[a-z0-9][a-z0-9._/-]*/manifests/[A-Za-z0-9_][A-Za-z0-9_.-]*$") {
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
}

sub keep_login {
}

sub breaker_read {
    var.set_string("upstream", "well");
    if (std.real(var.global_get("suspect until"), 0.0) > std.real(time = now)) {
        var.set_string("upstream", "suspect");
    }
    if (std.real(var.global_get("failing until"), 0.0) > std.real(time = now)) {
        var.set_string("upstream", "failing");
    }
}

# For two seconds nobody waits; for a minute after waiting in vain nobody waits for long.
sub breaker_trip {
    var.global_set("failing until", "" + (std.real(time = now) + 2.0));
    if (bereq.http.Front-Waited == "whole") {
        var.global_set("suspect until", "" + (std.real(time = now) + 60.0));
    }
}

sub breaker_clear {
    var.global_set("failing until", "0");
    var.global_set("suspect until", "0");
}

# What runs in the background keeps nobody waiting.
sub breaker_choose_patience {
    call breaker_read;
    set bereq.http.Front-Patience = "3";
    if (var.get_string("upstream") != "well" && !bereq.is_bgfetch) {
        set bereq.http.Front-Patience = "0.8";
    }
}

sub breaker_note_waiting {
    unset bereq.http.Front-Waited;
    if (std.real(time = now) - std.real(bereq.http.Front-Asked-At, 0.0) > 0.9 * std.real(bereq.http.Front-Patience, 0.0)) {
        set bereq.http.Front-Waited = "short";
        if (bereq.http.Front-Patience != "0.8") {
            set bereq.http.Front-Waited = "whole";
        }
    }
}

sub vcl_backend_fetch {
    if (bereq.retries == 0) {
        call plan;
    }
    set bereq.http.Front-Asked-At = "" + std.real(time = now);
    set bereq.backend = registry;
    call ask_registry;
    call ask_local;
    call ask_verdict;
    set bereq.first_byte_timeout = std.duration(bereq.http.Front-Patience + "s", 10s);
    return (fetch);
}

sub plan {
    call plan_own;
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
        set bereq.url = regsub(bereq.url, "[^/]+$", "sha256:0000000000000000000000000000000000000000000000000000000000000000");
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
    call note_trouble;
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
}

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
    set beresp.ttl = 5s;
    if (bereq.http.Front-Ask == "registry" || bereq.http.Front-Ask == "patient") {
        call breaker_clear;
    }
}

sub keep_blob {
    # A larger one might find no room while others are on their way, and would be cut.
    if (std.bytes(beresp.http.Content-Length, 1TB) > 3400182442B) {
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
}

sub vcl_deliver {
    if (resp.http.Front-Nobody && !req.http.Front-Last-Resort) {
        set req.http.Front-Last-Resort = "true";
        return (restart);
    }
    call name_the_upstream;
    return (deliver);
}

# Nodes check that this port serves the registry that they ask for.
sub name_the_upstream {
    unset resp.http.Docker-Cache-Upstream;
    unset resp.http.Front-Nobody;
    unset resp.http.Warning;
    unset resp.http.Via;
    if (req.url ~ "^/v2(/|$|\?)" && resp.status < 500) {
        set resp.http.Docker-Cache-Upstream = "docker.io";
    }
}

sub vcl_synth {
    call name_the_upstream;
    set resp.http.Content-Type = "application/json";
    set resp.http.Docker-Distribution-Api-Version = "registry/2.0";
    if (resp.status == 200) {
        set resp.body = "{}";
    } else if (resp.status == 405) {
        set resp.http.Allow = "GET, HEAD";
        set resp.body = {"{"errors":[{"code":"UNSUPPORTED","message":""} + resp.reason + """"}]}""";
    } else if (resp.status == 404) {
        set resp.body = """{"errors":[{"code":"NAME_UNKNOWN","message":"there is nothing here"}]}""";
    } else {
        set resp.body = {"{"errors":[{"code":"UNAVAILABLE","message":""} + resp.reason + """"}]}""";
    }
    return (deliver);
}

sub write_answer {
    set beresp.http.Content-Type = "application/json";
    set beresp.http.Docker-Distribution-Api-Version = "registry/2.0";
    call keep_for_those_who_wait;
    if (bereq.http.Front-Answer == "404") {
        set beresp.status = 404;
        set beresp.body = """{"errors":[{"code":"MANIFEST_UNKNOWN","message":"docker.io does not have this image, or not for this cache"}]}""";
    } else if (bereq.http.Front-Answer == "429") {
        set beresp.status = 429;
        set beresp.body = """{"errors":[{"code":"TOOMANYREQUESTS","message":"docker.io answered 429 to this cache, which does not have this image"}]}""";
    } else {
        set beresp.status = 503;
        set beresp.body = """{"errors":[{"code":"UNAVAILABLE","message":"docker.io gives no answer to this cache, which does not have this image"}]}""";
    }
    if (bereq.http.Front-Nobody && bereq.http.Front-Answer != "404") {
        # Kept for no time at all, or it would replace the old answer that vcl_deliver goes back for.
        set beresp.ttl = 0s;
        set beresp.http.Front-Nobody = "true";
    }
    if (bereq.http.Front-Kind == "login") {
        set beresp.ttl = 0s;
        set beresp.body = """{"errors":[{"code":"UNAVAILABLE","message":"the registry that checks logins gives no answer"}]}""";
    }
}
