import { jest } from '@jest/globals';
import * as pulumi from '@pulumi/pulumi';
import type { MockMonitor } from '@pulumi/pulumi/runtime/mocks';

const secretMark = '4dabf18193072939515e22adb298388d';
const unknown = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** What the program asked the engine to register. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  /** The inputs as they are sent: secret ones are `{ secret }`, unknown ones the text `UNKNOWN`. */
  readonly inputs: Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any -- each type's own
  readonly provider: string;
  /** Name of the parent. */
  readonly parent: string;
  /** `type name` of what it depends on. */
  readonly dependsOn: readonly string[];
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
}

export const UNKNOWN = '<a value that Pulumi does not know yet>';

interface Request {
  getType(): string;
  getName(): string;
  getObject(): { toJavaScript(): Record<string, unknown> } | undefined;
  getProvider(): string;
  getParent(): string;
  getDependenciesList(): string[];
  getProtect(): boolean;
  getRetainondelete(): boolean;
}

function shown(value: unknown): unknown {
  if (value === unknown) return UNKNOWN;
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== 'object' || value === null) return value;
  if (secretMark in value && 'value' in value) return { secret: shown(value.value) };
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shown(inner)]));
}

function registeredOf(request: Request): Registered {
  return {
    type: request.getType(),
    name: request.getName(),
    inputs: shown(request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>,
    provider: request.getProvider().split('::').slice(2, 4).join(' '),
    parent: place(request.getParent()),
    dependsOn: request.getDependenciesList().map(place).sort(),
    protect: request.getProtect(),
    retainOnDelete: request.getRetainondelete(),
  };
}

const place = (urn: string) => urn.split('::').slice(2).join(' ').replace(/^.*\$/, '');

export interface EngineOptions {
  readonly stack: string;
  /** Settings without the project's name. */
  readonly settings: Readonly<Record<string, string>>;
  /** Those that are not encrypted. @default none */
  readonly clear?: readonly string[];
  readonly preview?: boolean;
  /** Outputs of a resource by its type; what is not here has no outputs but its inputs. */
  readonly outputs?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Ids of resources by their type. @default one that is made of the name */
  readonly ids?: Readonly<Record<string, string>>;
  /** Results of calls by their token; another call throws. */
  readonly calls?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Runs a program against a stand-in of the engine that knows these types and calls, and no others. */
export async function runProgram<Result>(
  options: EngineOptions,
  known: readonly string[],
  program: () => Result | Promise<Result>,
): Promise<{ result: Result; registered: readonly Registered[]; warnings: readonly string[] }> {
  const registered: Registered[] = [];
  const failures: string[] = [];
  const warn = jest.spyOn(pulumi.log, 'warn').mockImplementation(async () => undefined);
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, custom }) => {
        if (!known.includes(type)) failures.push(`${type} ${name}`);
        const outputs = options.preview === true ? {} : options.outputs?.[type];
        return {
          id: custom === true ? (options.ids?.[type] ?? `id-of-${name}`) : undefined,
          state: { ...inputs, ...outputs },
        };
      },
      call: ({ token }) => {
        const answer = options.calls?.[token];
        if (answer !== undefined) return answer;
        failures.push(`the call ${token}`);
        return {};
      },
    },
    'docker-cache',
    options.stack,
    options.preview,
  );
  const monitor = pulumi.runtime.getMonitor() as unknown as MockMonitor;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = async (request: Request, callback) => {
    registered.push(registeredOf(request));
    return register(request, callback);
  };
  const settings = Object.entries(options.settings).map(
    ([key, value]) => [`docker-cache:${key}`, value] as const,
  );
  pulumi.runtime.setAllConfig(
    Object.fromEntries(settings),
    settings
      .map(([key]) => key)
      .filter((key) => !(options.clear ?? []).includes(key.slice('docker-cache:'.length))),
  );
  try {
    const result = await program();
    await pulumi.runtime.disconnect();
    if (failures.length > 0) throw new Error(`nobody mocks ${failures.join(', ')}`);
    return { result, registered, warnings: warn.mock.calls.map(([message]) => message) };
  } finally {
    warn.mockRestore();
  }
}
