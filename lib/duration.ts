/** A time with its unit: seconds, minutes or hours, like `30s`, `5m`, `1h`. */
export type Duration = `${number}${'s' | 'm' | 'h'}`;

const secondsOf = { s: 1, m: 60, h: 3600 } as const;

/** The seconds of a duration, or undefined when the text is not a whole or decimal number with a unit. */
export function durationSeconds(duration: string): number | undefined {
  const match = /^(?<number>\d+(?:\.\d+)?)(?<unit>[smh])$/.exec(duration);
  const unit = match?.groups?.['unit'];
  if (unit !== 's' && unit !== 'm' && unit !== 'h') return undefined;
  return Number(match?.groups?.['number']) * secondsOf[unit];
}
