/** The programs that run in the cluster, each as the text of one file. */
export interface Programs {
  /** Points a node's runtime at the cache. */
  readonly nodeAgent: string;
  /** Makes an Azure Blob container that is missing. */
  readonly createContainer: string;
  /** Refuses an htpasswd file that the registry would not understand. */
  readonly checkHtpasswd: string;
}
