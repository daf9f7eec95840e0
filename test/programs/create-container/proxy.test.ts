import { describe, expect, it } from '@jest/globals';
import { proxyFor } from '../../../lib/programs/create-container/proxy';

const azure = new URL('https://forexample.blob.core.windows.net/c');
const HTTPS_PROXY = 'http://proxy.corp:3128';

describe('proxyFor', () => {
  it('goes directly where no proxy is named', () => {
    expect(proxyFor(azure, {})).toBeUndefined();
    expect(proxyFor(azure, { HTTPS_PROXY: '' })).toBeUndefined();
  });

  it('takes HTTPS_PROXY, its lower-case form, and a proxy without a scheme', () => {
    expect(proxyFor(azure, { HTTPS_PROXY })).toEqual(new URL(HTTPS_PROXY));
    expect(proxyFor(azure, { https_proxy: HTTPS_PROXY })).toEqual(new URL(HTTPS_PROXY));
    expect(proxyFor(azure, { HTTPS_PROXY: 'proxy.corp:3128' })).toEqual(new URL(HTTPS_PROXY));
  });

  it.each([
    'http://forexample.blob.core.windows.net',
    'https://localhost',
    'https://127.0.0.9',
    'https://[::1]',
  ])('goes directly to %s', (url) => {
    expect(proxyFor(new URL(url), { HTTPS_PROXY })).toBeUndefined();
  });

  it.each([
    ['*', azure.href],
    ['forexample.blob.core.windows.net', azure.href],
    ['core.windows.net', azure.href],
    ['.core.windows.net', azure.href],
    ['*.core.windows.net', azure.href],
    ['a.example, CORE.windows.net', azure.href],
    ['core.windows.net:443', azure.href],
    ['10.0.0.5', 'https://10.0.0.5/x'],
    ['10.0.0.0/8', 'https://10.1.2.3/x'],
    ['10.0.0.5:8443', 'https://10.0.0.5:8443'],
    ['fd00::/8', 'https://[fd00::5]/x'],
    ['fd00::5', 'https://[fd00::5]/x'],
    ['[fd00::5]:8443', 'https://[fd00::5]:8443/x'],
  ])('goes directly where NO_PROXY is %s', (NO_PROXY, url) => {
    expect(proxyFor(new URL(url), { HTTPS_PROXY, NO_PROXY })).toBeUndefined();
    expect(proxyFor(new URL(url), { HTTPS_PROXY, no_proxy: NO_PROXY })).toBeUndefined();
  });

  it.each([
    ['windows.net.example', azure.href],
    ['example.blob.core.windows.net', azure.href],
    ['.forexample.blob.core.windows.net', azure.href],
    ['core.windows.net:8443', azure.href],
    ['10.0.0.0/8', 'https://11.1.2.3/x'],
    ['10.0.0.0/64', 'https://10.1.2.3/x'],
    ['0.5', 'https://10.0.0.5/x'],
    ['10.0.0.0/8', 'https://[fd00::5]/x'],
  ])('takes the proxy where NO_PROXY is %s', (NO_PROXY, url) => {
    expect(proxyFor(new URL(url), { HTTPS_PROXY, NO_PROXY })).toEqual(new URL(HTTPS_PROXY));
  });
});
