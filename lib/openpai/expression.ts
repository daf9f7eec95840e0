/** An expression of TypeScript, to be printed. */
export type Expression =
  | string
  | { readonly call: string; readonly argument?: Expression }
  | { readonly list: readonly Expression[] }
  | { readonly object: Readonly<Record<string, Expression | undefined>> };

/** Columns of a line that is not broken. */
const width = 110;

/** A text as a literal of TypeScript. */
export function literal(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inner}'`;
}

type Properties = readonly (readonly [string, Expression])[];

function properties(object: Readonly<Record<string, Expression | undefined>>): Properties {
  return Object.entries(object).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const],
  );
}

function flat(expression: Expression): string {
  if (typeof expression === 'string') return expression;
  if ('call' in expression) {
    return `${expression.call}(${expression.argument === undefined ? '' : flat(expression.argument)})`;
  }
  if ('list' in expression) return `[${expression.list.map(flat).join(', ')}]`;
  const inner = properties(expression.object).map(([key, value]) => `${key}: ${flat(value)}`);
  return `{ ${inner.join(', ')} }`;
}

/** Prints an expression: on one line where it fits behind what stands there already, else one item a line. */
export function print(expression: Expression, indent: string, column: number): string {
  const line = flat(expression);
  if (column + line.length < width) return line;
  const deeper = `${indent}  `;
  const block = (open: string, lines: readonly string[], close: string) =>
    [open, ...lines.map((text) => `${deeper}${text},`), `${indent}${close}`].join('\n');
  if (typeof expression === 'string') return expression;
  if ('call' in expression) {
    const { call, argument } = expression;
    return argument === undefined
      ? `${call}()`
      : `${call}(${print(argument, indent, column + call.length + 1)})`;
  }
  if ('list' in expression) {
    return block(
      '[',
      expression.list.map((item) => print(item, deeper, deeper.length + 1)),
      ']',
    );
  }
  return block(
    '{',
    properties(expression.object).map(
      ([key, value]) => `${key}: ${print(value, deeper, deeper.length + key.length + 3)}`,
    ),
    '}',
  );
}
