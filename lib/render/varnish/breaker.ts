import type { VclOptions } from './options';

/** How long a tag may take once it is known that the upstream makes us wait, in seconds. */
const suspectPatience = 0.8;

/** What is known of the upstream: it is well, suspect (it made us wait a short while ago) or failing (just now). */
export function breaker({ upstreamTimeoutSeconds }: VclOptions): string {
  const suspect = Math.min(suspectPatience, upstreamTimeoutSeconds);
  return `\
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
    set bereq.http.Front-Patience = "${upstreamTimeoutSeconds}";
    if (var.get_string("upstream") != "well" && !bereq.is_bgfetch) {
        set bereq.http.Front-Patience = "${suspect}";
    }
}

sub breaker_note_waiting {
    unset bereq.http.Front-Waited;
    if (std.real(time = now) - std.real(bereq.http.Front-Asked-At, 0.0) > 0.9 * std.real(bereq.http.Front-Patience, 0.0)) {
        set bereq.http.Front-Waited = "short";
        if (bereq.http.Front-Patience != "${suspect}") {
            set bereq.http.Front-Waited = "whole";
        }
    }
}`;
}
