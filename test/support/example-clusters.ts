import type { Cluster } from '../../lib';
import azure from '../../stacks/clusters/azure';
import azureIdentity from '../../stacks/clusters/azure-identity';
import customRegistry from '../../stacks/clusters/custom-registry';
import filesystem from '../../stacks/clusters/filesystem';

/** The clusters that the project comes with. */
export const exampleClusters: readonly Cluster[] = [azure, azureIdentity, customRegistry, filesystem];
