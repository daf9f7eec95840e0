export * from './counters';
export * from './fake-hub';
export type { Fault, FaultScope } from './fault';
export { randomImage, type RandomImage, type RandomImageOptions } from './random-image';
export type { PushOptions } from './origin';
