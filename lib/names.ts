/** Kubernetes objects of one cluster share this name, or begin with it. */
export const product = 'docker-cache';

/** A text as part of an object's name: lower case, everything but letters and digits a dash. */
export function nameSlug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

/** The name of the objects of one upstream: `docker-cache-quay-io`. */
export function upstreamObjectName(host: string): string {
  return `${product}-${nameSlug(host)}`;
}

/** Whether a text may name a Kubernetes namespace or label value: RFC 1123, at most 63 characters. */
export function isDnsLabel(text: unknown): text is string {
  return typeof text === 'string' && /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text);
}

/** Whether a text may name most Kubernetes objects: RFC 1123 labels with dots, at most 253 characters. */
export function isDnsSubdomain(text: unknown): text is string {
  return typeof text === 'string' && text.length <= 253 && text.split('.').every(isDnsLabel);
}
