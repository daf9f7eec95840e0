import { resolve } from 'node:path';
import type { Programs } from '../programs';
import { loadPrograms } from './clusters/load-programs';

/** The programs that run in the cluster, for `clusterApp(cluster, { programs })`. */
export function packagedPrograms(): Promise<Programs> {
  return loadPrograms(resolve(__dirname, '../..'));
}
