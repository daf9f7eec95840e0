import { describe, expect, it } from '@jest/globals';
import { readLayout, settingLine } from '../../lib/openpai';
import { layout } from '../support/openpai-files';

describe('the first master of a layout', () => {
  it.each([
    ['the layout that OpenPAI comes with', layout],
    [
      'a master that is marked without quotes',
      layout.replace('"true"\n', 'true\n').replace('pai-master: "true"', 'pai-master: true'),
    ],
    ['several masters', `${layout}  - hostname: second\n    hostip: 10.0.0.9\n    pai-master: "true"\n`],
    ['aliases', layout.replace('machine-list:', 'x: &x {}\ny: *x\nmachine-list:')],
  ])('is read from %s', (_, text) => {
    expect(readLayout(text)).toEqual({ master: { hostname: 'pai-master', address: '10.0.0.1' } });
  });

  it.each([
    [
      'config.yaml',
      'user: root\n',
      "layout.yaml: the file has no machine-list; give the cluster's layout.yaml, or name the node with --node",
    ],
    [
      'a list of workers',
      layout.replace('pai-master: "true"', 'pai-master: "false"'),
      'layout.yaml: no machine has pai-master: "true"; mark the master, or name the node with --node',
    ],
    [
      'a master without an address',
      layout.replace('    hostip: 10.0.0.1\n', ''),
      'layout.yaml: the first master has no hostname or no hostip; state both, as text',
    ],
    [
      'a tab',
      layout.replace('    hostip: 10.0.0.1', '\thostip: 10.0.0.1'),
      'layout.yaml:14: the file is not YAML (tab as indent); mend this line; OpenPAI cannot read it either',
    ],
    [
      'aliases that grow without end',
      `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefgh'
        .split('')
        .map(
          (name, index) =>
            `${name}: &${name} [${Array(9)
              .fill(`*${'abcdefg'[index] ?? ''}`)
              .join(', ')}]`,
        )
        .join('\n')}\n${layout}`,
      "layout.yaml: the file has no machine-list; give the cluster's layout.yaml, or name the node with --node",
    ],
  ])('is not read from %s, and the reason is told', (_, text, line) => {
    const reading = readLayout(text);
    const lines = 'problems' in reading ? reading.problems : [];
    expect(lines.map((problem) => settingLine('layout.yaml', problem))).toContain(line);
  });
});
