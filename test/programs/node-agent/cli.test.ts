import { expect, test } from '@jest/globals';
import { parseCommandLine } from '../../../lib/programs/node-agent/cli';

test('a command line names a command, a configuration and the folder of the node', () => {
  expect(parseCommandLine(['plan', '--config', 'a.json'])).toEqual({
    command: 'plan',
    configFile: 'a.json',
    hostRoot: '/host',
  });
  expect(parseCommandLine(['--config=a.json', '--host-root', '/', 'run'])).toMatchObject({
    command: 'run',
    hostRoot: '/',
  });
});

test.each([
  [[], 'the command must be one of run, plan, apply, restore, status (was "")'],
  [['destroy', '--config', 'a'], 'was "destroy"'],
  [['plan', 'apply', '--config', 'a'], 'was "plan apply"'],
  [['plan'], '--config is missing; name the configuration file'],
  [['plan', '--config', 'a', '--force'], "Unknown option '--force'"],
])('%p is not understood', (args, message) => {
  expect(() => parseCommandLine(args)).toThrow(message);
});
