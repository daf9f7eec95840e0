export * from './applied-objects';
export * from './applied-secret';
export * from './blob-account';
export * from './blob-eviction';
export * from './blob-identity';
export * from '../cluster-secrets';
export * from './cluster-stack';
