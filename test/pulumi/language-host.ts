import * as grpc from '@grpc/grpc-js';
import { LanguageRuntimeService } from '@pulumi/pulumi/proto/language_grpc_pb';
import { GetRequiredPluginsResponse, type RunRequest, RunResponse } from '@pulumi/pulumi/proto/language_pb';
import { PluginInfo } from '@pulumi/pulumi/proto/plugin_pb';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * What Pulumi's own language host for Node.js does with a program, which is in no registry of Go modules:
 * it starts `@pulumi/pulumi/cmd/run` with the engine's addresses and the project's `nodeargs`.
 * https://github.com/pulumi/pulumi/blob/v3.200.0/sdk/nodejs/cmd/pulumi-language-nodejs/main.go
 */
const engine = process.argv.at(-1) ?? '';

/** Exit code of a program that has told the engine what is wrong. */
const explained = 32;

function stringMap(map: { forEach(visit: (value: string, key: string) => void): void }) {
  const result: Record<string, string> = {};
  map.forEach((value, key) => (result[key] = value));
  return result;
}

async function run(request: RunRequest): Promise<RunResponse> {
  const info = request.getInfo();
  const folder = info?.getProgramDirectory() ?? request.getPwd();
  const options = info?.getOptions()?.toJavaScript() ?? {};
  if (options['typescript'] !== false) throw new Error('this host knows `typescript: false` alone');
  const nodeArgs = String(options['nodeargs'] ?? '')
    .split(' ')
    .filter((argument) => argument !== '');
  const { resolve } = createRequire(join(folder, 'package.json'));
  const child = spawn(
    process.execPath,
    [
      ...nodeArgs,
      resolve('@pulumi/pulumi/cmd/run'),
      ...['--monitor', request.getMonitorAddress()],
      ...['--engine', engine],
      ...['--project', request.getProject()],
      ...['--stack', request.getStack()],
      ...['--pwd', request.getPwd()],
      ...['--parallel', String(request.getParallel())],
      ...(request.getDryrun() ? ['--dry-run'] : []),
      join(folder, info?.getEntryPoint() ?? request.getProgram()),
    ],
    {
      cwd: request.getPwd(),
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        PULUMI_CONFIG: JSON.stringify(stringMap(request.getConfigMap())),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
      },
    },
  );
  const [code] = (await once(child, 'exit')) as [number | null];
  const response = new RunResponse();
  if (code === explained) response.setBail(true);
  else if (code !== 0) response.setError(`the program ended with ${String(code)}`);
  return response;
}

const server = new grpc.Server();
server.addService(LanguageRuntimeService, {
  getRequiredPlugins: (_: unknown, callback: grpc.sendUnaryData<GetRequiredPluginsResponse>) =>
    callback(null, new GetRequiredPluginsResponse()),
  getPluginInfo: (_: unknown, callback: grpc.sendUnaryData<PluginInfo>) => {
    const info = new PluginInfo();
    info.setVersion('3.200.0');
    callback(null, info);
  },
  run: ({ request }: { request: RunRequest }, callback: grpc.sendUnaryData<RunResponse>) => {
    run(request).then(
      (response) => callback(null, response),
      (error: unknown) => callback(error as Error),
    );
  },
});
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
