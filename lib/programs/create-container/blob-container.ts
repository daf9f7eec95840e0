import type { CreateContainerConfig } from './config';
import { entraToken, type TokenContext } from './entra-token';
import type { HttpAnswer } from './http-client';
import { sharedKeyAuthorization } from './shared-key';
import { storageFailure } from './storage-failure';

export interface BlobContainerContext extends TokenContext {
  /** The present time, which Azure compares with its own. */
  readonly date: () => Date;
}

/** A version of the REST interface that every cloud of Azure has, and that knows both kinds of credentials. */
const apiVersion = '2021-12-02';

type Ask = (method: 'HEAD' | 'PUT') => Promise<HttpAnswer>;

async function authorize(config: CreateContainerConfig, context: BlobContainerContext): Promise<Ask> {
  const { account, container, serviceUrl, credentials } = config;
  const url = new URL(`${serviceUrl}/${container}?restype=container`);
  const token = credentials.type === 'workloadIdentity' ? await entraToken(credentials, context) : undefined;
  return (method) => {
    const headers = { 'x-ms-date': context.date().toUTCString(), 'x-ms-version': apiVersion };
    const authorization =
      credentials.type === 'accountKey'
        ? sharedKeyAuthorization(account, credentials.key, { method, url, headers })
        : `Bearer ${token ?? ''}`;
    return context.send({ method, url, headers: { ...headers, authorization } });
  };
}

/** Makes the container when it is missing, private to the account; a container that is there is left alone. */
export async function ensureBlobContainer(
  config: CreateContainerConfig,
  context: BlobContainerContext,
): Promise<'made' | 'there'> {
  const ask = await authorize(config, context);
  const found = await ask('HEAD');
  if (found.status === 200) return 'there';
  if (found.status !== 404) throw storageFailure(config, found);
  const made = await ask('PUT');
  if (made.status === 201) return 'made';
  // Another registry's Pod was quicker.
  if (made.headers['x-ms-error-code'] === 'ContainerAlreadyExists') return 'there';
  throw storageFailure(config, made);
}
