import { answers } from './answers';
import { backends } from './backends';
import { breaker } from './breaker';
import { fetches } from './fetches';
import { keeping } from './keeping';
import { login } from './login';
import type { VclOptions } from './options';
import { peering } from './peering';
import { requests } from './requests';

const withoutLogin = `\
sub keep_login {
}`;

/**
 * The program of the front tier: one download for everybody who asks for the same, old answers while the upstream
 * fails, and a login check that costs the registry one question a minute. For Varnish 7.7 and later:
 * https://www.varnish.org/docs/.
 */
export function varnishVcl(options: VclOptions): string {
  const { access, host, peers } = options;
  const sections = [
    `\
vcl 4.1;

# The front tier of the cache of ${host}.

import std;
import var;
import vsthrottle;${peers === undefined ? '' : '\nimport directors;'}`,
    backends(options),
    ...(peers === undefined ? [] : [peering(peers)]),
    requests(options),
    access === 'login' ? login() : withoutLogin,
    breaker(options),
    fetches(options),
    keeping(options),
    answers(options),
  ];
  return `${sections.join('\n\n')}\n`;
}
