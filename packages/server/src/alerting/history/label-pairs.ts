import { AppError, quoteValue } from '@tidewatch/core/error.ts'

/** `label=name=value`, once or several times. Throws `http.invalid`. */
export function readLabelPairs(written: string | readonly string[] | undefined): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>()
  for (const text of [written ?? []].flat()) {
    const at = text.indexOf('=')
    if (at < 1)
      throw new AppError('http.invalid', `${quoteValue(text)} is no label.`, {
        where: { key: 'label' },
        fix: 'Write label=name=value, such as label=job=api.',
      })
    pairs.set(text.slice(0, at), text.slice(at + 1))
  }
  return pairs
}
