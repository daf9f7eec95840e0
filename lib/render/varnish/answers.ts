import type { VclOptions } from './options';

/** An error as registries say it, as a string of VCL; without a message it is the reason of the answer. */
function errorBody(code: string, message?: string): string {
  const start = `{"errors":[{"code":"${code}","message":"`;
  const end = '"}]}';
  return message === undefined
    ? `{"${start}"} + resp.reason + """${end}"""`
    : `"""${start}${message}${end}"""`;
}

/** What clients are told, in the registry's own form: https://github.com/opencontainers/distribution-spec. */
export function answers({ host, access }: VclOptions): string {
  const login = access === 'login' ? '    call deliver_login;\n' : '';
  return `\
sub vcl_deliver {
${login}    if (resp.http.Front-Nobody && !req.http.Front-Last-Resort) {
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
    if (req.url ~ "^/v2(/|$|\\?)" && resp.status < 500) {
        set resp.http.Docker-Cache-Upstream = "${host}";
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
        set resp.body = ${errorBody('UNSUPPORTED')};
    } else if (resp.status == 404) {
        set resp.body = ${errorBody('NAME_UNKNOWN', 'there is nothing here')};
    } else {
        set resp.body = ${errorBody('UNAVAILABLE')};
    }
    return (deliver);
}

sub write_answer {
    set beresp.http.Content-Type = "application/json";
    set beresp.http.Docker-Distribution-Api-Version = "registry/2.0";
    call keep_for_those_who_wait;
    if (bereq.http.Front-Answer == "404") {
        set beresp.status = 404;
        set beresp.body = ${errorBody('MANIFEST_UNKNOWN', `${host} does not have this image, or not for this cache`)};
    } else if (bereq.http.Front-Answer == "429") {
        set beresp.status = 429;
        set beresp.body = ${errorBody('TOOMANYREQUESTS', `${host} answered 429 to this cache, which does not have this image`)};
    } else {
        set beresp.status = 503;
        set beresp.body = ${errorBody('UNAVAILABLE', `${host} gives no answer to this cache, which does not have this image`)};
    }
    if (bereq.http.Front-Nobody && bereq.http.Front-Answer != "404") {
        # Kept for no time at all, or it would replace the old answer that vcl_deliver goes back for.
        set beresp.ttl = 0s;
        set beresp.http.Front-Nobody = "true";
    }
    if (bereq.http.Front-Kind == "login") {
        set beresp.ttl = 0s;
        set beresp.body = ${errorBody('UNAVAILABLE', 'the registry that checks logins gives no answer')};
    }
}`;
}
