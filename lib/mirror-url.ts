/** The URL of a mirror: `<ip>:<port>` alone is http, as OpenPAI's playbook has it. */
export function mirrorUrl(text: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
}
