import type { k8s } from 'cdk8s-plus-27';
import type { AuthSecret } from './auth-secret';

/** A login as the files `username` and `password`, whatever the Secret's own keys are called. */
export function loginVolume(
  name: string,
  { name: secretName, keys }: AuthSecret<'login'>,
  mode: number,
): k8s.Volume {
  return {
    name,
    secret: {
      secretName,
      defaultMode: mode,
      items: [
        { key: keys.username, path: 'username' },
        { key: keys.password, path: 'password' },
      ],
    },
  };
}

/** Authorities as the file `ca.crt`, whatever the Secret's own key is called. */
export function caVolume(
  name: string,
  { name: secretName, keys }: AuthSecret<'ca'>,
  mode: number,
): k8s.Volume {
  return {
    name,
    secret: { secretName, defaultMode: mode, items: [{ key: keys.certificate, path: 'ca.crt' }] },
  };
}
