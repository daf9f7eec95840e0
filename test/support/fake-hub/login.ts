import { randomUUID } from 'node:crypto';

/** How clients prove who they are: `bearer` is Docker Hub's way, `basic` that of small registries. */
export type LoginScheme = 'bearer' | 'basic' | 'none';

export interface Challenge {
  readonly status: 401;
  readonly headers: Readonly<Record<string, string>>;
}

export interface LoginOptions {
  readonly scheme: LoginScheme;
  /** Passwords by user; every user may read every private repository. */
  readonly users: Readonly<Record<string, string>>;
  /** Whether a repository is private; one that does not exist is told apart from a private one by nobody. */
  readonly isPublic: (repository: string) => boolean;
}

/** https://distribution.github.io/distribution/spec/auth/token/ as Docker Hub does it. */
export class Login {
  /** The repositories that each token opens. */
  private readonly tokens = new Map<string, ReadonlySet<string>>();

  constructor(private readonly options: LoginOptions) {}

  /** The user of a Basic header, right password or not. */
  userOf(authorization: string | undefined): string | undefined {
    return basic(authorization)?.user;
  }

  /** The answer of the token endpoint: a token for what the user may read, or undefined for a wrong password. */
  token(authorization: string | undefined, scopes: readonly string[]): object | undefined {
    const login = basic(authorization);
    if (login && !this.isRight(login)) return undefined;
    const asked = scopes.map((scope) => /^repository:(.+):[^:]+$/.exec(scope)?.[1] ?? '');
    const token = `${randomUUID()}.${randomUUID()}`;
    this.tokens.set(
      token,
      new Set(asked.filter((name) => login !== undefined || this.options.isPublic(name))),
    );
    return { token, access_token: token, expires_in: 300, issued_at: new Date().toISOString() };
  }

  /** What stands between the request and the repository (empty for a ping); undefined for nothing. */
  challenge(realm: string, authorization: string | undefined, repository: string): Challenge | undefined {
    if (this.options.scheme === 'none') return undefined;
    if (this.options.scheme === 'basic') return this.basicChallenge(authorization, repository);
    const opened = this.tokens.get(/^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? '');
    if (opened && (repository === '' || opened.has(repository))) return undefined;
    const parameters = [
      `realm="${realm}"`,
      'service="registry.docker.io"',
      ...(repository === '' ? [] : [`scope="repository:${repository}:pull"`]),
      ...(opened ? ['error="insufficient_scope"'] : []),
    ];
    return refusal(`Bearer ${parameters.join(',')}`);
  }

  private basicChallenge(authorization: string | undefined, repository: string): Challenge | undefined {
    const login = basic(authorization);
    if (login ? this.isRight(login) : repository !== '' && this.options.isPublic(repository))
      return undefined;
    return refusal('Basic realm="registry"');
  }

  private isRight({ user, password }: { user: string; password: string }): boolean {
    return Object.hasOwn(this.options.users, user) && this.options.users[user] === password;
  }
}

const refusal = (wwwAuthenticate: string): Challenge => ({
  status: 401,
  headers: { 'www-authenticate': wwwAuthenticate },
});

function basic(authorization: string | undefined): { user: string; password: string } | undefined {
  const encoded = /^Basic (.+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [user = '', ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return { user, password: rest.join(':') };
}
