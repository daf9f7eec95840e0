/** Every request is first a question to the registry that knows the users, asked once a minute for each of them. */
export function login(): string {
  return `\
# Looks up the registry's own verdict on /v2/ for this Authorization; vcl_deliver comes back here with a 200.
sub recv_check_login {
    if (!req.http.Front-Login) {
        set req.http.Front-Url = req.url;
        set req.http.Front-Kind = "login";
        set req.url = "/v2/";
        set req.grace = 0s;
        return (hash);
    }
}

sub deliver_login {
    if (req.http.Front-Kind == "login" && resp.status == 200) {
        set req.http.Front-Login = "granted";
        set req.url = req.http.Front-Url;
        return (restart);
    }
}

# A refused password costs the registry as much as a right one: it is not tried more often than this.
sub keep_login {
    set beresp.grace = 0s;
    if (beresp.status == 200) {
        set beresp.storage = storage.small;
        set beresp.ttl = 60s;
    } else if (beresp.status == 401) {
        set beresp.ttl = 2s;
    } else {
        set beresp.ttl = 0s;
    }
}`;
}
